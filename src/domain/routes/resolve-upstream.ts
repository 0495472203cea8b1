// Where a route leads at present, and what has to be written when that changes.
import type { DesiredRoute, Upstream } from './desired-route.ts';
import { type DeclaredRoute, findTarget, type RouteContext } from './route-context.ts';
import type { RouteTarget } from './route-targets.ts';

export type ResolvedUpstream =
  | { readonly kind: 'resolved'; readonly host: string; readonly port: number; readonly target?: RouteTarget }
  | { readonly kind: 'pending'; readonly message: string }
  | { readonly kind: 'unsupported'; readonly message: string; readonly unblock: string };

/** In the shared network a service is found by its container's name, whichever container holds that. */
export function resolveUpstream(
  upstream: Upstream,
  declared: DeclaredRoute,
  context: RouteContext,
): ResolvedUpstream {
  if (upstream.kind === 'address') return { kind: 'resolved', host: upstream.host, port: upstream.port };
  const target = findTarget(context.targets, declared.stack, upstream.service);
  if (upstream.reach === 'host')
    return resolveHostPort(upstream, target, { ...context, protocol: toProtocol(declared.route) });
  const host = declared.containerNames[upstream.service] ?? '';
  return { kind: 'resolved', host, port: upstream.port, ...(target !== undefined && { target }) };
}

function resolveHostPort(
  { service, port, portName = '' }: Extract<Upstream, { kind: 'service' }>,
  target: RouteTarget | undefined,
  { hostAddress, protocol }: Pick<RouteContext, 'hostAddress'> & { readonly protocol: 'tcp' | 'udp' },
): ResolvedUpstream {
  if (hostAddress === undefined) {
    return {
      kind: 'unsupported',
      message: `it reaches ${service} by way of the Docker host, whose address is not known`,
      unblock: 'set npm.hostAddress to the address at which the proxy reaches this host',
    };
  }
  const hostPort = target?.allottedPorts?.[portName] ?? target?.hostPorts[`${port}/${protocol}`];
  if (target === undefined || hostPort === undefined) {
    return { kind: 'pending', message: `${service} has published no port of the host yet` };
  }
  return { kind: 'resolved', host: hostAddress, port: hostPort, target };
}

/** Of both, the number is one: where they differ, a stream cannot lead to them. */
function toProtocol(route: DesiredRoute): 'tcp' | 'udp' {
  return route.kind === 'stream' && route.protocol === 'udp' ? 'udp' : 'tcp';
}

/**
 * What a route was written for, where a write is needed when it changes: `<container>@<address>:<port>`. A name
 * in a location or a stream is resolved only when nginx reloads its configuration.
 */
export function toTargetMark(
  upstreams: readonly { readonly upstream: Upstream; readonly resolved: ResolvedUpstream }[],
): string | undefined {
  const marks = upstreams.flatMap(({ upstream, resolved }) => {
    if (resolved.kind !== 'resolved' || resolved.target === undefined) return [];
    const { containerId, address } = resolved.target;
    const host = upstream.kind === 'service' && upstream.reach === 'host' ? resolved.host : address;
    return [`${containerId.slice(0, 12)}@${host}:${resolved.port}`];
  });
  return marks.length === 0 ? undefined : [...new Set(marks)].toSorted().join(',');
}

/** Whether a mark says that the route was written for this container. */
export function isMarkedFor(mark: string | undefined, containerId: string): boolean {
  return (mark ?? '').split(',').some((each) => each.startsWith(`${containerId.slice(0, 12)}@`));
}
