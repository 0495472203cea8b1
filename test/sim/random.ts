/** Chance that can be had again: equal seeds give equal choices. */
export type Random = {
  /** 0 ≤ n < 1 */
  next(): number;
  /** from ≤ n ≤ to */
  integer(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<const T>(all: readonly [T, ...T[]]): T;
  /** Undefined when there is nothing to choose from. */
  pickAny<T>(all: readonly T[]): T | undefined;
};

/** mulberry32 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  const pickAny = <T>(all: readonly T[]): T | undefined => all[Math.floor(next() * all.length)];
  return {
    next,
    integer: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (probability) => next() < probability,
    pick: (all) => pickAny(all) ?? all[0],
    pickAny,
  };
}
