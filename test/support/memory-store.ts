// The store as a few lists: what the real one promises, without a file.
import { createOverrideMemory } from '#adapters/store/override-memory.ts';
import {
  redactCycle,
  redactEvent,
  redactEvidence,
  redactGeneration,
  redactHold,
  redactOverride,
} from '#adapters/store/redact-records.ts';
import type { RecordedEvent } from '#domain/event.ts';
import type {
  GenerationKey,
  HistoryQuery,
  RecordedCycle,
  RecordedEvidence,
  RecordedGeneration,
} from '#domain/history.ts';
import { toCycleKey } from '#domain/history-cycle.ts';
import { createRedactor, type Redactor } from '#domain/redactor.ts';
import type { Store } from '#ports/store.ts';

export function createMemoryStore(
  redactor: Pick<Redactor, 'redact' | 'redactDeep'> = createRedactor(),
): Store {
  const cycles: RecordedCycle[] = [];
  const events: RecordedEvent[] = [];
  const evidence: RecordedEvidence[] = [];
  let generations: readonly RecordedGeneration[] = [];
  const overrides = createOverrideMemory({ put: () => undefined, remove: () => undefined });
  let lastId = 0;

  const inForce = (key: GenerationKey) =>
    generations.findLast(({ stack, service }) => stack === key.stack && service === key.service);
  const replace = (old: RecordedGeneration, changes: Partial<RecordedGeneration>) => {
    generations = generations.map((each) => (each === old ? { ...each, ...changes } : each));
  };
  const apply = (generation: Omit<RecordedGeneration, 'id'>) => {
    lastId += 1;
    generations = [...generations.filter((each) => !isSame(each, generation)), { ...generation, id: lastId }];
  };

  return {
    recordCycle(raw) {
      const cycle = redactCycle(raw, redactor);
      const at = cycles.findLastIndex(({ stack }) => stack === cycle.stack);
      const last = cycles[at];
      if (last !== undefined) {
        const { id, repeats, lastAtMs: _before, ...rest } = last;
        if (toCycleKey(rest) === toCycleKey(cycle)) {
          cycles[at] = { ...last, repeats: repeats + 1, lastAtMs: cycle.startedAtMs };
          return id;
        }
      }
      lastId += 1;
      cycles.push({ ...cycle, id: lastId, repeats: 0, lastAtMs: cycle.startedAtMs });
      return lastId;
    },
    recordEvent(event) {
      lastId += 1;
      const recorded = { ...redactEvent(event, redactor), id: lastId };
      events.push(recorded);
      return recorded;
    },
    recordGeneration(raw) {
      const generation = redactGeneration(raw, redactor);
      const last = inForce(generation);
      if (last === undefined || !isSame(last, generation)) return apply(generation);
      const readyAtMs = last.readyAtMs ?? generation.readyAtMs;
      const digests = generation.digests.length === 0 ? last.digests : generation.digests;
      return replace(last, { digests, ...(readyAtMs === undefined ? {} : { readyAtMs }) });
    },
    settleGeneration(settled) {
      const known = generations.find((each) => isSame(each, settled));
      if (known === undefined) return 'unknown';
      const { revision, atMs } = settled;
      if (inForce(settled) !== known) {
        const { id: _old, ...rest } = known;
        apply({ ...rest, revision, appliedAtMs: atMs, readyAtMs: atMs });
        return 'settled';
      }
      if (known.readyAtMs !== undefined) return 'unchanged';
      replace(known, { readyAtMs: atMs });
      return 'settled';
    },
    recordEvidence(found) {
      lastId += 1;
      evidence.push({ ...redactEvidence(found, redactor), id: lastId });
    },
    forgetStack: () => undefined,
    listCycles: (query) => page(cycles, query),
    readCycle: (id) => cycles.find((each) => each.id === id),
    listGenerations: (stack, service) =>
      generations
        .filter((each) => each.stack === stack && (service === undefined || each.service === service))
        .toReversed(),
    readGeneration: (key) => generations.find((each) => isSame(each, key)),
    listEvents({ stack, limit, after, sinceMs = 0 }) {
      const found = events.filter(
        (each) =>
          (stack === undefined || each.stack === stack) && each.atMs >= sinceMs && each.id > (after ?? 0),
      );
      return after === undefined ? found.toReversed().slice(0, limit) : found.slice(0, limit);
    },
    listEvidence: ({ fromMs = 0, toMs = Number.POSITIVE_INFINITY, ...query }) =>
      page(
        evidence.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs),
        query,
      ),
    ...overrides,
    putHold: (hold) => overrides.putHold(redactHold(hold, redactor)),
    putOverride: (override) => overrides.putOverride(redactOverride(override, redactor)),
  };
}

function isSame(a: GenerationKey, b: GenerationKey): boolean {
  return (
    a.stack === b.stack && a.service === b.service && a.generation === b.generation && a.imageId === b.imageId
  );
}

function page<T extends { readonly id: number; readonly stack: string }>(
  all: readonly T[],
  { stack, limit, before = Number.MAX_SAFE_INTEGER }: HistoryQuery,
): readonly T[] {
  return all
    .filter((each) => (stack === undefined || each.stack === stack) && each.id < before)
    .toReversed()
    .slice(0, limit);
}
