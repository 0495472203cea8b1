import type { DesiredService } from './desired.ts';
import { coreHashLabel, generationLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import type { Probe } from './probe.ts';

/**
 * The check that a container has to pass. One of another version is judged by Docker alone: the check was written for
 * the declared one.
 */
export function findProbe(container: ObservedContainer, service: DesiredService): Probe | undefined {
  const { labels } = container;
  const isDeclared =
    labels[generationLabel] === service.generation || labels[coreHashLabel] === service.coreHash;
  return isDeclared && !service.isJob ? service.probe : undefined;
}

/** A container that was started again, or connected anew, has to prove itself again. */
export function toRun({ details }: ObservedContainer): string {
  const addresses = (details?.addresses ?? []).map(({ network, address }) => `${network}=${address}`);
  return [details?.startedAtMs ?? 0, ...addresses.toSorted()].join(' ');
}
