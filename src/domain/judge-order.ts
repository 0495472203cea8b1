import type { ContainerSpec } from './container-spec.ts';
import type { DesiredService, DesiredStack } from './desired.ts';
import type { ObservedContainer } from './observed.ts';

/**
 * Start-first: the old one serves until the new one has proved itself. Stop-first: they cannot run side by
 * side, or nobody asked them to.
 */
export type Order =
  | { readonly kind: 'start-first' }
  | { readonly kind: 'stop-first'; readonly reason: string };

/** `predecessor` is the container that is to be replaced, for what it got from its image. */
export function judgeOrder(
  service: DesiredService,
  stack: DesiredStack,
  predecessor: ObservedContainer,
): Order {
  const { strategy } = service.rollout;
  if (strategy === 'recreate') return { kind: 'stop-first', reason: 'strategy: recreate' };
  const conflict = findConflict(service, stack);
  if (conflict !== undefined) return { kind: 'stop-first', reason: conflict };
  const shared = strategy === 'auto' ? findSharedState(service.spec, predecessor) : undefined;
  return shared === undefined ? { kind: 'start-first' } : { kind: 'stop-first', reason: shared };
}

export function formatOrder(order: Order): string {
  return order.kind === 'start-first' ? order.kind : `${order.kind}: ${order.reason}`;
}

/** What no two containers can have at a time, whatever anyone wishes. Undefined: nothing. */
function findConflict({ name, spec, isJob }: DesiredService, stack: DesiredStack): string | undefined {
  const port = spec.ports.find(({ hostPort }) => /^\d+$/.test(hostPort));
  if (port !== undefined) return `it publishes host port ${port.hostPort}/${port.protocol}`;
  if (spec.networkMode === 'host') return 'it has the network of the host';
  if (spec.networkMode?.includes(':') === true) return `it shares the network of ${spec.networkMode}`;
  if (spec.macAddress !== undefined) return 'it has a fixed address';
  const fixed = spec.networks.find((each) => each.ipv4Address ?? each.ipv6Address ?? each.macAddress);
  if (fixed !== undefined) return `it has a fixed address in ${fixed.network}`;
  const dependant = stack.services.find((each) => listShared(each.spec).includes(`service:${name}`));
  if (dependant !== undefined) return `${dependant.name} shares what it has, and moves with it`;
  return isJob ? 'it is a job' : undefined;
}

/** Whose network, processes, memory or volumes it shares. */
function listShared({ networkMode, namespaces, volumesFrom = [] }: ContainerSpec): readonly string[] {
  return [networkMode, namespaces?.pid, namespaces?.ipc, ...volumesFrom].filter((mode) => mode !== undefined);
}

/** What two versions of one program should not write to at a time. */
function findSharedState(spec: ContainerSpec, predecessor: ObservedContainer): string | undefined {
  for (const mount of spec.mounts) {
    if (mount.kind === 'tmpfs' || mount.kind === 'image' || mount.readOnly) continue;
    return mount.kind === 'bind'
      ? `it writes to ${mount.source} of the host`
      : `it writes to volume ${mount.name ?? `at ${mount.target}`}`;
  }
  const [from] = spec.volumesFrom ?? [];
  if (from !== undefined) return `it shares the volumes of ${from}`;
  const [inherited] = predecessor.details?.image?.volumes ?? [];
  if (inherited !== undefined) return `its image keeps data at ${inherited}`;
  const [device] = spec.devices ?? [];
  return device === undefined ? undefined : `it uses device ${device.source}`;
}
