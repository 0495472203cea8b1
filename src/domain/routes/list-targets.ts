// Where the services of all stacks are, as the engine sees them.
import type { DesiredService, DesiredStack } from '../desired.ts';
import { allottedLabel, isOwnedBy, serviceLabel, stackLabel } from '../labels.ts';
import type { ObservedContainer, ObservedHost } from '../observed.ts';
import { parseAllotted } from './allotted-ports.ts';
import { isLoopback } from './loopback.ts';
import type { PortInUse } from './route-context.ts';
import type { RouteTarget, RouteTargets } from './route-targets.ts';

/** Of every service that a route leads to, the container that holds its first name. */
export function listTargets(
  stacks: readonly DesiredStack[],
  { containers }: ObservedHost,
  { owner, network }: { readonly owner: string; readonly network: string | undefined },
): RouteTargets {
  return stacks.flatMap((stack) =>
    stack.services.flatMap((service) => {
      const { name, containerNames } = service;
      const container = containers.find(
        (each) =>
          each.name === containerNames[0] &&
          isOwnedBy(each.labels, owner) &&
          each.labels[stackLabel] === stack.name &&
          each.labels[serviceLabel] === name,
      );
      return container === undefined ? [] : [toTarget(stack.name, service, container, network)];
    }),
  );
}

function toTarget(
  stack: string,
  service: DesiredService,
  container: ObservedContainer,
  network: string | undefined,
): RouteTarget {
  const { id, name, state, health, networks, publishedPorts, labels } = container;
  return {
    stack,
    service: service.name,
    containerId: id,
    containerName: name,
    address: networks.find((each) => each.network === network)?.address ?? '',
    isReady: state === 'running' && health !== 'starting' && health !== 'unhealthy',
    // Ours has passed, or it would not bear the name.
    isProven: health === 'healthy' || service.probe !== undefined,
    hostPorts: Object.fromEntries(
      publishedPorts
        .filter(({ hostIp }) => !isLoopback(hostIp))
        .map(({ containerPort = 0, protocol, hostPort }) => [`${containerPort}/${protocol}`, hostPort]),
    ),
    allottedPorts: parseAllotted(labels[allottedLabel]),
  };
}

/**
 * Ports of this host that are held by others than the proxy: a stream on one of them could not be reached.
 * Nothing is known of them when the proxy is not a container of this engine.
 */
export function listPortsInUse({ containers }: ObservedHost, proxyName: string): readonly PortInUse[] {
  const proxy = containers.find(({ name, id }) => name === proxyName || id.startsWith(proxyName || ' '));
  if (proxy === undefined) return [];
  return containers
    .filter((container) => container !== proxy)
    .flatMap(({ name, publishedPorts }) =>
      publishedPorts.map(({ hostPort, protocol }) => ({
        port: hostPort,
        protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const),
        holder: name,
      })),
    );
}
