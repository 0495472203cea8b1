import { isRetiredName } from './container-names.ts';
import type { DesiredService } from './desired.ts';
import { findProbe, toRun } from './find-probe.ts';
import type { ObservedContainer } from './observed.ts';
import type { ProbeRequest, ProbeResults } from './probe.ts';
import { toTarget } from './replica-steps.ts';

type Scene = {
  readonly nowMs: number;
  readonly probes: ProbeResults;
  /** Of the whole host: a container may be in the network of another one. */
  readonly containers: readonly ObservedContainer[];
  readonly selfContainerId?: string;
};

/** What has to be asked of a service's containers: of those that run and have not passed since their start. */
export function planProbes(
  service: DesiredService,
  own: readonly ObservedContainer[],
  { nowMs, probes, containers, selfContainerId }: Scene,
): readonly ProbeRequest[] {
  if (probes === 'all') return [];
  // Looked for when it is needed: most services have no probe, and a host may have thousands of containers.
  const findSelf = () => containers.find(({ id }) => id === selfContainerId);
  return own.flatMap((container): readonly ProbeRequest[] => {
    const probe = findProbe(container, service);
    if (probe === undefined || probe.check.kind === 'docker') return [];
    if (container.state !== 'running' || container.details === undefined) return [];
    if (isRetiredName(container)) return [];
    const address = findAddress(container, containers, findSelf());
    const run = toRun(container);
    const last = probes[container.id];
    if (last?.run === run && last.ok) return [];
    // An answer from the future is from before the clock was set back.
    const isFresh = last?.run === run && last.atMs <= nowMs;
    const dueAtMs = isFresh ? last.atMs + probe.intervalMs : nowMs;
    const { check, timeoutMs } = probe;
    return [{ container: toTarget(container), check, address, timeoutMs, run, dueAtMs }];
  });
}

/**
 * The one of its primary network, or the host's own where it shares that. If we run in a container ourselves, engines
 * let us reach others only in a network that both are in.
 */
function findAddress(
  container: ObservedContainer,
  containers: readonly ObservedContainer[],
  self: ObservedContainer | undefined,
  // A container cannot be in the network of one that is itself in another's, but a bound costs nothing.
  depth = 0,
): string | undefined {
  const { networkMode, details } = container;
  if (networkMode === 'host') return '127.0.0.1';
  if (networkMode.startsWith('container:')) {
    const id = networkMode.slice('container:'.length);
    const other = containers.find((each) => each.id === id || each.name === id);
    return other === undefined || depth > 2 ? undefined : findAddress(other, containers, self, depth + 1);
  }
  const addresses = details?.addresses ?? [];
  const primary = networkMode === 'default' ? 'bridge' : networkMode;
  const near = new Set(self?.networks.map(({ network }) => network));
  const reached = addresses.filter(({ network }) => near.has(network));
  const known = reached.length > 0 ? reached : addresses;
  return (known.find(({ network }) => network === primary) ?? known[0])?.address;
}
