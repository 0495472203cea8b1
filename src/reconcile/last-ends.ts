// How containers ended last, as events tell it: once the engine has started one again, no inspect shows it any
// more. Events get lost, so nothing but the words of a message may depend on it.
import type { LastEnd } from '#domain/observed.ts';
import type { EngineEvent } from '#ports/engine.ts';

export type LastEnds = {
  note(event: EngineEvent): void;
  of(containerId: string): LastEnd | undefined;
};

const maxKept = 1000;

export function createLastEnds(): LastEnds {
  const endsById = new Map<string, LastEnd>();
  // The engine tells of the lack of memory first, and of the end after it.
  const outOfMemory = new Set<string>();

  return {
    note({ type, action, containerId, exitCode }) {
      if (type !== 'container' || containerId === undefined) return;
      if (action === 'oom') outOfMemory.add(containerId);
      if (action === 'destroy') endsById.delete(containerId);
      if (action === 'destroy') outOfMemory.delete(containerId);
      if (action !== 'die' || exitCode === undefined) return;
      endsById.delete(containerId);
      endsById.set(containerId, { exitCode, outOfMemory: outOfMemory.delete(containerId) });
      for (const oldest of endsById.keys()) if (endsById.size > maxKept) endsById.delete(oldest);
    },
    of: (containerId) => endsById.get(containerId),
  };
}
