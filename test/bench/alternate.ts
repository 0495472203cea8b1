/**
 * Measures both sides in turn (A B A B …), so that whatever else the machine does meanwhile falls on both. Gives
 * the median of each, and of what B took more than A in the same round.
 */
export async function alternate(
  rounds: number,
  sides: { readonly a: () => Promise<number>; readonly b: () => Promise<number> },
): Promise<{ readonly a: number; readonly b: number; readonly difference: number; readonly ratio: number }> {
  const as: number[] = [];
  const bs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    as.push(await sides.a());
    bs.push(await sides.b());
  }
  const inRounds = as.map((a, index) => ({ a, b: bs[index] ?? Number.NaN }));
  return {
    a: median(as),
    b: median(bs),
    difference: median(inRounds.map(({ a, b }) => b - a)),
    ratio: median(inRounds.map(({ a, b }) => b / a)),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

export async function timeMs(work: () => unknown): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
}
