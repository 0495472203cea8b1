// Informer-style: one listing serves every stack that asked for it, and inspect results are kept until their
// container's row in the listing changes, an event names it, or an audit drops them all. So a cycle in which
// nothing happened costs four list calls, however many containers and stacks there are.
import PQueue from 'p-queue';
import { isOwnedBy } from '#domain/labels.ts';
import type { ContainerDetails, ObservedContainer, ObservedHost } from '#domain/observed.ts';
import { isOfProject } from '#domain/see-adopted.ts';
import type { Engine, EngineEvent } from '#ports/engine.ts';
import { createLastEnds } from './last-ends.ts';

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
type CachedDetails = {
  readonly fingerprint: string;
  /** Undefined when the inspect failed; then it is not repeated with every listing. */
  readonly details: ContainerDetails | undefined;
  readonly inspectedAt: Mark;
};

type Inspection = { readonly id: string; isOutdated: boolean };

const inspectConcurrency = 8;
/** One container that cannot be inspected must not keep the others waiting for long. */
const inspectTimeoutMs = 5_000;
const marksUntilRetry = 20;

export type ObserverDeps = {
  readonly engine: Engine;
  readonly owner: string;
  /** Compose projects that a declared stack may take over: their containers are inspected, too. */
  readonly projects?: () => ReadonlySet<string>;
};

export function createObserver(deps: ObserverDeps): Observer {
  const { engine, owner, projects = () => new Set() } = deps;
  const detailsById = new Map<string, CachedDetails>();
  const lastEnds = createLastEnds();
  let lastMark: Mark = 0;
  const underWay = new Set<Inspection>();
  let listing: Listing | undefined;

  async function observeNow(signal: AbortSignal): Promise<ObservedHost> {
    const host = await engine.observe(signal);
    const adoptable = projects();
    const ours = host.containers.filter(
      ({ labels }) => isOwnedBy(labels, owner) || isOfProject(labels, adoptable),
    );
    forgetGone(detailsById, ours);
    const queue = new PQueue({ concurrency: inspectConcurrency });
    const known = new Map<string, ObservedContainer>();
    await queue.addAll(
      ours.map((container) => async () => {
        known.set(container.id, await withDetails(container, signal));
      }),
    );
    return { ...host, containers: host.containers.map((container) => known.get(container.id) ?? container) };
  }

  async function withDetails(container: ObservedContainer, signal: AbortSignal): Promise<ObservedContainer> {
    const fingerprint = toFingerprint(container);
    const cached = detailsById.get(container.id);
    const isFailed = cached?.details === undefined && lastMark - (cached?.inspectedAt ?? 0) > marksUntilRetry;
    if (cached?.fingerprint !== fingerprint || isFailed) {
      const inspection = { id: container.id, isOutdated: false };
      underWay.add(inspection);
      const details = await inspect(container.id, signal).finally(() => underWay.delete(inspection));
      // Dropped meanwhile, the answer may be from before the change: it serves this look and no other.
      const answer = { fingerprint, details, inspectedAt: lastMark };
      if (!inspection.isOutdated) detailsById.set(container.id, answer);
      return withLastEnd(container, details);
    }
    return withLastEnd(container, cached.details);
  }

  function withLastEnd(
    container: ObservedContainer,
    details: ContainerDetails | undefined,
  ): ObservedContainer {
    if (details === undefined) return container;
    const lastEnd = lastEnds.of(container.id);
    return { ...container, details: lastEnd === undefined ? details : { ...details, lastEnd } };
  }

  function dropDetails(containerId: string): void {
    for (const each of underWay) each.isOutdated ||= each.id === containerId;
    detailsById.delete(containerId);
  }

  /** Undefined when it is gone or cannot be inspected: then its own stack waits, and no other. */
  async function inspect(id: string, signal: AbortSignal): Promise<ContainerDetails | undefined> {
    try {
      return await engine.inspect(id, AbortSignal.any([signal, AbortSignal.timeout(inspectTimeoutMs)]));
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
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
    dropDetails,
    dropAllDetails() {
      for (const each of underWay) each.isOutdated = true;
      detailsById.clear();
    },
    noteEvent(event) {
      if (event.containerId !== undefined) dropDetails(event.containerId);
      lastEnds.note(event);
    },
  };
}

function forgetGone(detailsById: Map<string, CachedDetails>, ours: readonly ObservedContainer[]): void {
  const present = new Set(ours.map((container) => container.id));
  for (const id of detailsById.keys()) if (!present.has(id)) detailsById.delete(id);
}

/** Everything of a row that does not change by the mere passing of time. */
function toFingerprint({ name, imageId, state, exitCode, health, networks }: ObservedContainer): string {
  return JSON.stringify([name, imageId, state, exitCode, health, networks]);
}
