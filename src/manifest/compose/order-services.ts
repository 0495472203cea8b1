/** `needs`: names of others among them. */
type Node = { readonly name: string; readonly needs: readonly string[] };

export type ServiceOrder<T> =
  | { readonly kind: 'ordered'; readonly services: readonly T[] }
  /** `a`, `b`, `a`: each depends on the next. */
  | { readonly kind: 'cycle'; readonly names: readonly string[] };

/** Every service after those it depends on; ties in name order. */
export function orderServices<T extends Node>(services: readonly T[]): ServiceOrder<T> {
  const waiting = [...services].sort((a, b) => (a.name < b.name ? -1 : 1));
  const ordered: T[] = [];
  const done = new Set<string>();
  while (waiting.length > 0) {
    const index = waiting.findIndex(({ needs }) => needs.every((name) => done.has(name)));
    const next = index === -1 ? undefined : waiting.splice(index, 1)[0];
    if (next === undefined) return { kind: 'cycle', names: findCycle(waiting) };
    ordered.push(next);
    done.add(next.name);
  }
  return { kind: 'ordered', services: ordered };
}

/** Each of `stuck` depends on another of them, so that following any of them comes back to one. */
function findCycle(stuck: readonly Node[]): readonly string[] {
  const byName = new Map(stuck.map((node) => [node.name, node]));
  const trail: string[] = [];
  let name = stuck[0]?.name;
  while (name !== undefined && !trail.includes(name)) {
    trail.push(name);
    name = byName.get(name)?.needs.find((other) => byName.has(other));
  }
  return name === undefined ? trail : [...trail.slice(trail.indexOf(name)), name];
}
