import type { Place } from '../../place.ts';
import type { ComposeProject } from './compose-project.ts';

/** Services that wait for each other in a circle. */
export function checkCycles(project: ComposeProject, place: Place): void {
  const cycle = findCycle(project);
  if (cycle === undefined) return;
  const [first = '', next = ''] = cycle;
  const at = place.at('services', first, 'depends_on');
  const isWritten = Object.hasOwn(project.services[first]?.depends_on ?? {}, next);
  (isWritten ? at.at(next) : at).error(`dependency cycle detected: ${cycle.join(' -> ')}`);
}

/** `a`, `b`, `a`. Walks without recursion: chains may be as long as a file has services. */
function findCycle({ services }: ComposeProject): readonly string[] | undefined {
  const done = new Set<string>();
  const needsOf = (name: string) =>
    Object.keys(services[name]?.depends_on ?? {})
      .filter((other) => Object.hasOwn(services, other))
      .toSorted();
  for (const start of Object.keys(services).toSorted()) {
    const trail = new Map<string, Iterator<string>>([[start, needsOf(start).values()]]);
    const names = [start];
    while (names.length > 0) {
      const name = names.at(-1) ?? '';
      const next = done.has(name) ? undefined : trail.get(name)?.next();
      if (next === undefined || next.done === true) {
        done.add(name);
        trail.delete(name);
        names.pop();
      } else if (trail.has(next.value)) {
        return [...names.slice(names.indexOf(next.value)), next.value];
      } else {
        trail.set(next.value, needsOf(next.value).values());
        names.push(next.value);
      }
    }
  }
  return undefined;
}
