import type { DesiredRoute, HttpRoute, StreamRoute, Upstream } from '#domain/routes/desired-route.ts';
import type { ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import { findOwnName } from '#domain/routes/shared-name.ts';
import { testOwner } from '#test/support/builders.ts';
import { findRow, type NpmState, type Row } from '#test/support/npm/npm-state.ts';
import { tablesOfKinds } from '#test/support/routes/observe-hosts.ts';
import type { RandomDeclaration } from './declare-at-random.ts';

type Npm = { readonly state: NpmState };

/** What the row of a host says otherwise than Git; the first of it. */
export function findRowFault(
  route: DesiredRoute,
  { kind, id }: ObservedHostEntry,
  { state }: Npm,
  { proxy }: RandomDeclaration,
): string | undefined {
  const row = findRow(state, tablesOfKinds[kind], id);
  if (row === undefined) return 'it has no row';
  if (row['enabled'] !== true) return 'it is off';
  const wanted = { ...toShared(route), ...toOwn(route) };
  const wrong = Object.entries(wanted).find(
    ([name, value]) => JSON.stringify(row[name] ?? null) !== JSON.stringify(value),
  );
  if (wrong !== undefined) return `${wrong[0]} is ${JSON.stringify(row[wrong[0]])}, not ${wrong[1]}`;
  return findCertificateFault(route, row, state, proxy) ?? findListFault(route, row, state);
}

function toShared(route: DesiredRoute): Record<string, unknown> {
  if (route.kind === 'stream') return {};
  const hasTls = route.certificate.kind !== 'none';
  const hsts = hasTls && route.forceSsl && route.hsts !== 'off';
  return {
    domain_names: route.hosts,
    ssl_forced: hasTls && route.forceSsl,
    http2_support: hasTls && route.http2,
    hsts_enabled: hsts,
    hsts_subdomains: hsts && route.hsts === 'subdomains',
    advanced_config: route.advanced,
  };
}

function toOwn(route: DesiredRoute): Record<string, unknown> {
  switch (route.kind) {
    case 'http':
      return toHttp(route);
    case 'stream':
      return toStream(route);
    case 'redirect':
      return {
        forward_scheme: route.to.scheme,
        forward_http_code: route.to.code,
        forward_domain_name: route.to.host,
        preserve_path: route.to.preservePath,
        block_exploits: route.blockExploits,
      };
    case 'not-found':
      return {};
  }
}

function toHttp(route: HttpRoute): Record<string, unknown> {
  return {
    forward_scheme: route.scheme,
    forward_host: toHost(route.upstream),
    forward_port: route.upstream.port,
    allow_websocket_upgrade: route.websockets,
    block_exploits: route.blockExploits,
    caching_enabled: route.cacheAssets,
    trust_forwarded_proto: route.trustForwardedProto,
  };
}

function toStream(route: StreamRoute): Record<string, unknown> {
  return {
    incoming_port: route.listen,
    forwarding_host: toHost(route.upstream),
    forwarding_port: route.upstream.port,
    tcp_forwarding: route.protocol !== 'udp',
    udp_forwarding: route.protocol !== 'tcp',
  };
}

/** Of the only stack. */
export function toHost(upstream: Upstream): string {
  return upstream.kind === 'service' ? `web-${upstream.service}-1` : upstream.host;
}

function findCertificateFault(
  route: DesiredRoute,
  { certificate_id: id }: Row,
  state: NpmState,
  { certificates }: RandomDeclaration['proxy'],
): string | undefined {
  const { kind } = route.certificate;
  if (route.kind === 'stream' || kind === 'none') return id === 0 ? undefined : `it has certificate ${id}`;
  const row = findRow(state, 'certificate', id);
  if (row === undefined) return `its certificate ${id} is not there`;
  const isIssued = row['provider'] === 'letsencrypt';
  const names = row['domain_names'] as readonly string[];
  if (isIssued && route.hosts.some((host) => !names.includes(host))) return `certificate ${id} is not for it`;
  if (kind === 'letsencrypt') return isIssued ? undefined : `certificate ${id} is of one's own`;
  if (isIssued) return kind === 'auto' ? undefined : `certificate ${id} was issued`;
  const own = findOwnName(String(row['nice_name']), testOwner);
  const isDeclared = certificates.some(
    ({ name, generation }) => own?.name === name && own.generation === generation,
  );
  return isDeclared ? undefined : `certificate ${id} is declared no more`;
}

function findListFault(route: DesiredRoute, { access_list_id: id }: Row, state: NpmState) {
  if (route.kind !== 'http') return undefined;
  const row = findRow(state, 'access_list', id);
  const name = row === undefined ? undefined : findOwnName(String(row['name']), testOwner)?.name;
  return name === route.accessList ? undefined : `its access list ${id} is ${name}, not ${route.accessList}`;
}
