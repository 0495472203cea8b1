// Inspect results, kept until their container's row in the listing changes, an event names it, or all are dropped.
import type { ContainerDetails, ObservedContainer } from '#domain/observed.ts';
import type { Engine, EngineEvent } from '#ports/engine.ts';
import { createLastEnds } from './last-ends.ts';

export type Inspections = {
  /** The container with what an inspect told; undefined where it has to be asked for. */
  recall(container: ObservedContainer, mark: number): ObservedContainer | undefined;
  /** The container with what an inspect tells; `mark`: the moment that the listing is of. */
  inspect(container: ObservedContainer, mark: number, signal: AbortSignal): Promise<ObservedContainer>;
  drop(containerId: string): void;
  dropAll(): void;
  noteEvent(event: EngineEvent): void;
  keepOnly(containers: readonly ObservedContainer[]): void;
};

type CachedDetails = {
  readonly fingerprint: string;
  /** Undefined when the inspect failed; then it is not repeated with every listing. */
  readonly details: ContainerDetails | undefined;
  readonly inspectedAt: number;
};

type Inspection = { readonly id: string; isOutdated: boolean };

/** One container that cannot be inspected must not keep the others waiting for long. */
const inspectTimeoutMs = 5_000;
const marksUntilRetry = 20;

export function createInspections(engine: Pick<Engine, 'inspect'>): Inspections {
  const detailsById = new Map<string, CachedDetails>();
  const underWay = new Set<Inspection>();
  const lastEnds = createLastEnds();

  async function fetchDetails(container: ObservedContainer, mark: number, signal: AbortSignal) {
    const { id } = container;
    const inspection = { id, isOutdated: false };
    underWay.add(inspection);
    const details = await inspect(engine, id, signal).finally(() => underWay.delete(inspection));
    // Dropped meanwhile, the answer may be from before the change: it serves this look and no other.
    const answer = { fingerprint: toFingerprint(container), details, inspectedAt: mark };
    if (!inspection.isOutdated) detailsById.set(id, answer);
    return details;
  }

  function drop(containerId: string): void {
    for (const each of underWay) each.isOutdated ||= each.id === containerId;
    detailsById.delete(containerId);
  }

  function withDetails(
    container: ObservedContainer,
    details: ContainerDetails | undefined,
  ): ObservedContainer {
    if (details === undefined) return container;
    const lastEnd = lastEnds.of(container.id);
    return { ...container, details: lastEnd === undefined ? details : { ...details, lastEnd } };
  }

  return {
    recall(container, mark) {
      const cached = detailsById.get(container.id);
      if (cached === undefined || cached.fingerprint !== toFingerprint(container)) return undefined;
      const isFailed = cached.details === undefined && mark - cached.inspectedAt > marksUntilRetry;
      return isFailed ? undefined : withDetails(container, cached.details);
    },
    inspect: async (container, mark, signal) =>
      withDetails(container, await fetchDetails(container, mark, signal)),
    drop,
    dropAll() {
      for (const each of underWay) each.isOutdated = true;
      detailsById.clear();
    },
    noteEvent(event) {
      if (event.containerId !== undefined) drop(event.containerId);
      lastEnds.note(event);
    },
    keepOnly(containers) {
      const present = new Set(containers.map(({ id }) => id));
      for (const id of detailsById.keys()) if (!present.has(id)) detailsById.delete(id);
    },
  };
}

/** Undefined when it is gone or cannot be inspected: then its own stack waits, and no other. */
async function inspect(
  engine: Pick<Engine, 'inspect'>,
  id: string,
  signal: AbortSignal,
): Promise<ContainerDetails | undefined> {
  try {
    return await engine.inspect(id, AbortSignal.any([signal, AbortSignal.timeout(inspectTimeoutMs)]));
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** Everything of a row that does not change by the mere passing of time. */
function toFingerprint({ name, imageId, state, exitCode, health, networks }: ObservedContainer): string {
  return JSON.stringify([name, imageId, state, exitCode, health, networks]);
}
