import type { DiffAnswer, HistoryActions } from '#api/api-actions.ts';
import { compareGenerations } from '#domain/history-diff.ts';
import { findVersion } from '#domain/history-versions.ts';
import type { HistoryReader } from '#ports/store.ts';
import type { EventHub } from './event-hub.ts';
import { toCycleSummaryView, toEventView, toPastCycleView } from './history-views.ts';

const mostCycles = 1000;
const mostEvidence = 20;

export function buildHistoryActions(store: HistoryReader, hub: Pick<EventHub, 'listen'>): HistoryActions {
  return {
    history: (query) => ({ cycles: store.listCycles(query).map(toCycleSummaryView) }),
    pastCycle(id) {
      const cycle = store.readCycle(id);
      if (cycle === undefined) return undefined;
      const endMs = Math.max(cycle.lastAtMs, cycle.startedAtMs) + cycle.durationMs;
      const range = { fromMs: cycle.startedAtMs, toMs: endMs };
      const evidence = store.listEvidence({ stack: cycle.stack, limit: mostEvidence, ...range });
      return toPastCycleView(cycle, evidence);
    },
    events: (query) => ({ events: store.listEvents(query).map(toEventView) }),
    watchEvents: (listener) => hub.listen((event) => listener(toEventView(event))),
    diff: (request) => compareVersions(store, request),
  };
}

function compareVersions(
  store: HistoryReader,
  { stack, from, to }: Parameters<HistoryActions['diff']>[0],
): DiffAnswer {
  const cycles = store.listCycles({ stack, limit: mostCycles });
  const past = { cycles, generations: store.listGenerations(stack) };
  const before = findVersion(from, past);
  if (before.kind !== 'found') return before;
  const after = findVersion(to, past);
  if (after.kind !== 'found') return after;
  // A generation stands for its service alone.
  const only = before.service ?? after.service;
  const services = compareGenerations(before.generations, after.generations).filter(
    ({ service }) => only === undefined || service === only,
  );
  return { kind: 'compared', view: { stack, from, to, services } };
}
