// Ports that a stream must not take: nginx accepts the configuration, and then fails to reload it in silence, so
// that no later change of any host takes effect (quirk 3).
import type { HostBody } from './observed-proxy.ts';
import type { RouteContext } from './route-context.ts';

/** Of the proxy itself: HTTP, HTTPS, its admin page, and its back end. */
const proxyPorts: readonly number[] = [80, 443, 81, 3000];

/** Why the port cannot be had; undefined: it can. */
export function findPortObstacle(
  body: HostBody,
  { reservedPorts, portsInUse }: Pick<RouteContext, 'reservedPorts' | 'portsInUse'>,
): string | undefined {
  if (body.kind !== 'stream') return undefined;
  const { listen, tcp, udp } = body;
  if (tcp && proxyPorts.includes(listen)) return `port ${listen} is the proxy's own`;
  if (reservedPorts.includes(listen)) return `port ${listen} is reserved (npm.reservedPorts)`;
  const holder = portsInUse.find(({ port, protocol }) => port === listen && (protocol === 'tcp' ? tcp : udp));
  return holder && `port ${listen}/${holder.protocol} of the host is held by ${holder.holder}`;
}
