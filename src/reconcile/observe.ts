// Informer-style: one listing serves every stack that asked for it, and inspect results are kept. So a cycle in
// which nothing happened costs four list calls, however many containers and stacks there are.
import { isOwnedBy } from '#domain/labels.ts';
import type { ObservedContainer, ObservedHost } from '#domain/observed.ts';
import { isOfProject } from '#domain/see-adopted.ts';
import { mapBounded } from '#manifest/map-bounded.ts';
import type { Engine, EngineEvent } from '#ports/engine.ts';
import { createInspections } from './inspections.ts';

export type Observer = {
  /** A moment, to observe after. Logical and not of a clock: two things of one millisecond have an order, too. */
  mark(): Mark;
  /**
   * The host as it was at some moment after `mark`.
   * @throws EngineError
   */
  observe(mark: Mark, signal: AbortSignal): Promise<ObservedHost>;
  /** The container may have changed in a way that no listing shows. */
  dropDetails(containerId: string): void;
  dropAllDetails(): void;
  /** Something happened to the container that the event names. */
  noteEvent(event: EngineEvent): void;
};

export type Mark = number;

type Listing = { readonly began: Mark; readonly host: Promise<ObservedHost> };

const inspectConcurrency = 8;

export type ObserverDeps = {
  readonly engine: Engine;
  readonly owner: string;
  /** Compose projects that a declared stack may take over: their containers are inspected, too. */
  readonly projects?: () => ReadonlySet<string>;
};

export function createObserver(deps: ObserverDeps): Observer {
  const { engine, owner, projects = () => new Set() } = deps;
  const inspections = createInspections(engine);
  let lastMark: Mark = 0;
  let listing: Listing | undefined;

  async function observeNow(signal: AbortSignal): Promise<ObservedHost> {
    const host = await engine.observe(signal);
    const adoptable = projects();
    const ours = host.containers.filter(
      ({ labels }) => isOwnedBy(labels, owner) || isOfProject(labels, adoptable),
    );
    inspections.keepOnly(ours);
    const known = new Map<string, ObservedContainer>();
    const unknown: ObservedContainer[] = [];
    for (const container of ours) {
      const remembered = inspections.recall(container, lastMark);
      if (remembered === undefined) unknown.push(container);
      else known.set(container.id, remembered);
    }
    await mapBounded(unknown, inspectConcurrency, async (container) => {
      known.set(container.id, await inspections.inspect(container, lastMark, signal));
    });
    return { ...host, containers: host.containers.map((container) => known.get(container.id) ?? container) };
  }

  return {
    mark: () => (lastMark += 1),
    async observe(mark, signal) {
      if (listing === undefined || listing.began <= mark) {
        const fresh: Listing = { began: (lastMark += 1), host: observeNow(signal) };
        listing = fresh;
        // A failed listing is nobody's answer but its own callers'.
        fresh.host.catch(() => {
          if (listing === fresh) listing = undefined;
        });
      }
      return listing.host;
    },
    dropDetails: inspections.drop,
    dropAllDetails: inspections.dropAll,
    noteEvent: inspections.noteEvent,
  };
}
