// What status says of one route.
import type { DesiredRoute, Upstream } from './desired-route.ts';
import { isLiteral } from './list-followed.ts';
import type { ObservedHostEntry } from './observed-proxy.ts';
import type { PlannedHost } from './plan-host.ts';
import type { PreparedRoute } from './prepare-route.ts';
import type { RouteReport, RouteState } from './route-plan.ts';

export function reportRoute(prepared: PreparedRoute, { part, found }: PlannedHost): RouteReport {
  const { declared, certificate, follows, asks } = prepared;
  const { stack, route } = declared;
  const entry = found?.entry;
  const judged = judge(part, entry, route.enabled);
  const isWrittenBack = judged.state === 'refused' && entry !== undefined;
  return {
    stack,
    route: route.name,
    kind: route.kind,
    entries: listRouteEntries(route),
    leadsTo: describeGoal(route, prepared.body),
    ...judged,
    ...(entry !== undefined && { id: entry.id }),
    ...(certificate !== undefined && { certificate: certificate.name }),
    ...(certificate?.expiresAtMs !== undefined && { certificateExpiresAtMs: certificate.expiresAtMs }),
    follows: isWrittenBack && !isLiteral(entry.body) && prepared.isResolvedAtReload ? [] : follows,
    asks,
    ...(entry?.marker?.target !== undefined && { target: entry.marker.target }),
  };
}

function judge(
  { blocks, waits, steps, differences }: PlannedHost['part'],
  entry: ObservedHostEntry | undefined,
  isEnabled: boolean,
): { readonly state: RouteState; readonly message: string } {
  const block = blocks[0];
  if (block !== undefined) {
    return {
      state: block.reason === 'Refused' ? 'refused' : 'conflict',
      message: `${block.message} (${block.unblock})`,
    };
  }
  const wait = waits[0];
  if (wait !== undefined) return { state: 'waiting', message: wait.message };
  const step = steps[0];
  if (step?.after !== undefined) return { state: 'waiting', message: step.after };
  if (step !== undefined) return { state: 'changing', message: step.cause.message };
  const drift = differences.find((difference) => difference.drift);
  if (drift !== undefined) {
    return { state: 'drifted', message: `${drift.path}: ${drift.wanted} → ${drift.found}` };
  }
  return entry?.enabled === false || !isEnabled
    ? { state: 'disabled', message: '' }
    : { state: 'ready', message: '' };
}

/** Host names, or `tcp/1883`. */
export function listRouteEntries(route: DesiredRoute): readonly string[] {
  return route.kind === 'stream' ? toStreamEntries(route) : route.hosts;
}

function toStreamEntries({ protocol, listen }: Extract<DesiredRoute, { kind: 'stream' }>): readonly string[] {
  return protocol === 'both' ? [`tcp/${listen}`, `udp/${listen}`] : [`${protocol}/${listen}`];
}

function describeGoal(route: DesiredRoute, body: PreparedRoute['body']): string {
  if (route.kind === 'redirect') return `redirect to ${route.to.host}`;
  if (route.kind === 'not-found') return 'not found';
  const { host, port } = body === undefined ? toNamed(route.upstream) : toAddress(body);
  return route.kind === 'http' ? `${route.scheme}://${host}:${port}` : `${host}:${port}`;
}

function toAddress(body: NonNullable<PreparedRoute['body']>) {
  if (body.kind !== 'proxy-host' && body.kind !== 'stream') return { host: '', port: 0 };
  return { host: body.forwardHost, port: body.forwardPort };
}

function toNamed(upstream: Upstream) {
  const host = upstream.kind === 'service' ? upstream.service : upstream.host;
  return { host, port: upstream.port };
}
