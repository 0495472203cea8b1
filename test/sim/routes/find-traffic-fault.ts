import type { DesiredAccessList, DesiredRoute, HttpRoute } from '#domain/routes/desired-route.ts';
import { testOwner } from '#test/support/builders.ts';
import type { ImitatedNginx } from '#test/support/npm/nginx/imitated-nginx.ts';
import { judgeStream, judgeTraffic, type TrafficResult } from '#test/support/npm/nginx/traffic.ts';
import { findRow, type NpmState, type TableName } from '#test/support/npm/npm-state.ts';
import type { RandomDeclaration } from './declare-at-random.ts';
import { toHost } from './find-row-fault.ts';

type Npm = { readonly nginx: ImitatedNginx; readonly state: NpmState };
type Ask = { readonly isTls: boolean; readonly path?: string; readonly isKnown?: boolean };

/** Where requests end up that should not; the first of them. */
export function findTrafficFault(
  route: DesiredRoute,
  { nginx, state }: Npm,
  { proxy }: RandomDeclaration,
): string | undefined {
  const files = nginx.running();
  if (route.kind === 'stream') {
    // Of UDP nobody tells where it ends up.
    if (route.protocol === 'udp') return undefined;
    const wanted = `${toHost(route.upstream)}:${route.upstream.port}`;
    const found = judgeStream(files, route.listen);
    return found === wanted ? undefined : `port ${route.listen} leads to ${found}`;
  }
  const list = proxy.accessLists.find(({ name }) => route.kind === 'http' && name === route.accessList);
  for (const host of route.hosts) {
    if (isKeptByOthers(host, files, state)) continue;
    for (const ask of listAsks(route)) {
      const user = list?.users[0];
      const found = judgeTraffic(files, {
        host,
        isTls: ask.isTls,
        path: ask.path ?? '/',
        client: ask.isKnown === true ? '10.1.2.3' : '203.0.113.9',
        ...(ask.isKnown === true && user && { credentials: { ...user, name: user.username } }),
      });
      const wanted = describeWanted(route, host, ask, list);
      if (wanted === describe(found)) continue;
      return `${host} ${JSON.stringify(ask)} leads to ${describe(found)}, not ${wanted}`;
    }
  }
  return undefined;
}

/** What somebody changed while nginx was broken, nginx has as it was before: nothing but another write mends that. */
function isKeptByOthers(host: string, files: ReadonlyMap<string, string>, state: NpmState): boolean {
  return [...files].some(([path, text]) => {
    const [, table, id] = /\/(proxy_host|redirection_host|dead_host)\/(\d+)\.conf$/.exec(path) ?? [];
    if (table === undefined || !text.includes(` ${host}`)) return false;
    const row = findRow(state, table as TableName, id);
    const meta = (row?.['meta'] ?? {}) as Readonly<Record<string, unknown>>;
    return row !== undefined && meta['shorefast_owner'] !== testOwner;
  });
}

function listAsks(route: DesiredRoute): readonly Ask[] {
  const plain = { isTls: false };
  const tls = { isTls: true };
  if (route.kind !== 'http') return [plain, tls];
  const known = { isKnown: true };
  const locations = route.locations.map(({ path }) => ({ ...plain, ...known, path }));
  return [plain, tls, { ...plain, ...known }, { ...tls, ...known }, ...locations];
}

function describeWanted(
  route: Exclude<DesiredRoute, { kind: 'stream' }>,
  host: string,
  { isTls, path = '/', isKnown = false }: Ask,
  list: DesiredAccessList | undefined,
): string {
  const hasTls = route.certificate.kind !== 'none';
  if (isTls && !hasTls) return 'tls-refused';
  if (!isTls && hasTls && route.forceSsl) return `301 https://${host}${path}`;
  if (route.kind === 'not-found') return '404';
  if (route.kind === 'redirect') {
    const scheme = route.to.scheme === 'auto' ? (isTls ? 'https' : 'http') : route.to.scheme;
    return `${route.to.code} ${scheme}://${route.to.host}${route.to.preservePath ? path : ''}`;
  }
  // Every list has users, and none lets all addresses in without a password.
  return list !== undefined && !isKnown ? 'denied' : toUpstream(route, path);
}

function toUpstream(route: HttpRoute, path: string): string {
  const location = route.locations.find((each) => each.path === path);
  const { scheme, upstream } = location ?? route;
  return `${scheme}://${toHost(upstream)}:${upstream.port}${path}`;
}

function describe(found: TrafficResult): string {
  if (found.to === 'upstream') return found.url;
  if (found.to !== 'nginx') return found.to;
  if (found.status === 401 || found.status === 403) return 'denied';
  return found.location === undefined ? String(found.status) : `${found.status} ${found.location}`;
}
