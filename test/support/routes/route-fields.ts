// Every field of a host: how Git changes it, how somebody does it by hand, and where the difference is told.
import type {
  DesiredRoute,
  HttpRoute,
  RedirectRoute,
  RouteLocation,
  StreamRoute,
} from '#domain/routes/desired-route.ts';
import type { HostBody, HostKind } from '#domain/routes/observed-proxy.ts';
import { httpRoute, streamRoute } from './declare-routes.ts';

export type FieldRow = {
  readonly kind: HostKind;
  /** Of `HostBody`; of its locations with a dot. */
  readonly field: string;
  /** Where it is told; several when the field is a part that comes and goes as a whole. */
  readonly paths: readonly string[];
  readonly route: DesiredRoute;
  readonly changed: DesiredRoute;
  /** What somebody sends with a PUT. */
  readonly byHand: Readonly<Record<string, unknown>>;
};

/** Ids of what is beside ours in the proxy. */
export type OtherObjects = { readonly certificateId: number; readonly accessListId: number };

const upstream = { kind: 'service', service: 'app', port: 3000, reach: 'network' } as const;
const tls = { certificate: { kind: 'named', name: 'own' }, forceSsl: true, http2: true } as const;

const location: RouteLocation = { path: '/api', scheme: 'http', upstream, forwardPath: '/v1', advanced: '' };
const locationByHand = {
  path: '/api',
  forward_scheme: 'http',
  forward_host: 'web-app-1',
  forward_port: 3000,
  forward_path: '/v1',
};

const http = (other: Partial<HttpRoute> = {}): HttpRoute => ({ ...httpRoute(['a.test']), ...tls, ...other });
const stream = (other: Partial<StreamRoute> = {}): StreamRoute => streamRoute(5000, { ...other });
const redirect = (other: Partial<RedirectRoute> = {}): RedirectRoute => {
  const { name, enabled, adopt, generation, hosts, hsts, advanced } = httpRoute(['a.test']);
  const to = { host: 'new.test', scheme: 'auto', code: 301, preservePath: true } as const;
  const names = { name, enabled, adopt, generation, hosts, hsts, advanced, ...tls };
  return { kind: 'redirect', ...names, to, blockExploits: false, ...other };
};
const notFound = (other: object = {}): DesiredRoute => {
  const { kind: _, to: _to, blockExploits: _block, ...names } = redirect();
  return { kind: 'not-found', ...names, ...other } as DesiredRoute;
};

type Names = Pick<HttpRoute, 'hosts' | 'certificate' | 'forceSsl' | 'http2' | 'hsts' | 'advanced'>;
type Make = (other?: Partial<Names>) => DesiredRoute;

function nameRows(kind: HostKind, make: Make, others: OtherObjects): readonly FieldRow[] {
  const row = (
    field: string,
    path: string,
    change: readonly [from: Partial<Names>, to: Partial<Names>],
    byHand: object,
  ): FieldRow => ({
    kind,
    field,
    paths: [`route.${path}`],
    route: make(change[0]),
    changed: make({ ...change[0], ...change[1] }),
    byHand: { ...byHand },
  });
  const other = { certificate: { kind: 'named', name: 'bought' } } as const;
  const hosts = ['a.test', 'www.a.test'];
  const advanced = 'client_max_body_size 9m;';
  return [
    row('domains', 'hosts', [{}, { hosts }], { domain_names: ['WWW.a.test', 'a.test'] }),
    row('certificateId', 'certificate', [{}, other], { certificate_id: others.certificateId }),
    row('forceSsl', 'forceSsl', [{}, { forceSsl: false }], { ssl_forced: false }),
    row('http2', 'http2', [{}, { http2: false }], { http2_support: false }),
    row('hsts', 'hsts', [{}, { hsts: 'on' }], { hsts_enabled: true }),
    row('hstsSubdomains', 'hstsSubdomains', [{ hsts: 'on' }, { hsts: 'subdomains' }], {
      hsts_subdomains: true,
    }),
    row('advanced', 'advanced', [{}, { advanced }], { advanced_config: advanced }),
  ];
}

/** `certificate_id` goes along: without it NPM clears flags on its own. */
function httpRows(others: OtherObjects): readonly FieldRow[] {
  const row = (field: string, change: Partial<HttpRoute>, byHand: object, path = field): FieldRow => ({
    kind: 'proxy-host',
    field,
    paths: [`route.${path}`],
    route: http(),
    changed: http(change),
    byHand: { ...byHand },
  });
  const address = (host: string, port: number) => ({ upstream: { kind: 'address', host, port } as const });
  return [
    row('scheme', { scheme: 'https' }, { forward_scheme: 'https' }),
    row('forwardHost', address('10.9.9.9', 3000), { forward_host: '10.9.9.9' }),
    row('forwardPort', { upstream: { ...upstream, port: 9 } }, { forward_port: 9 }),
    row('accessListId', { accessList: 'guests' }, { access_list_id: others.accessListId }, 'accessList'),
    row('cacheAssets', { cacheAssets: true }, { caching_enabled: true }),
    row('blockExploits', { blockExploits: true }, { block_exploits: true }),
    row('websockets', { websockets: false }, { allow_websocket_upgrade: false }),
    row('trustForwardedProto', { trustForwardedProto: true }, { trust_forwarded_proto: true }),
    ...locationRows(),
  ];
}

function locationRows(): readonly FieldRow[] {
  const row = (field: string, change: Partial<RouteLocation>, byHand: object): FieldRow => ({
    kind: 'proxy-host',
    field: `locations.${field}`,
    paths: [`route.locations[0].${field}`],
    route: http({ locations: [location] }),
    changed: http({ locations: [{ ...location, ...change }] }),
    byHand: { locations: [{ ...locationByHand, ...byHand }] },
  });
  const all = ['path', 'scheme', 'forwardHost', 'forwardPort', 'forwardPath', 'advanced'];
  const whole = (index: number) => all.map((field) => `route.locations[${index}].${field}`);
  const second = { ...location, path: '/more' };
  return [
    row('path', { path: '/else' }, { path: '/else' }),
    row('scheme', { scheme: 'https' }, { forward_scheme: 'https' }),
    row(
      'forwardHost',
      { upstream: { kind: 'address', host: '10.9.9.9', port: 3000 } },
      { forward_host: '10.9.9.9' },
    ),
    row('forwardPort', { upstream: { ...upstream, port: 9 } }, { forward_port: 9 }),
    row('forwardPath', { forwardPath: '/v2' }, { forward_path: '/v2' }),
    row('advanced', { advanced: 'expires 1h;' }, { advanced_config: 'expires 1h;' }),
    {
      kind: 'proxy-host',
      field: 'locations (one more)',
      paths: whole(1),
      route: http({ locations: [location] }),
      changed: http({ locations: [location, second] }),
      byHand: { locations: [locationByHand, { ...locationByHand, path: '/more' }] },
    },
    {
      kind: 'proxy-host',
      field: 'locations (one less)',
      paths: whole(0),
      route: http({ locations: [location] }),
      changed: http({ locations: [] }),
      byHand: { locations: [] },
    },
  ];
}

function redirectRows(): readonly FieldRow[] {
  const { to } = redirect();
  const row = (field: string, change: Partial<RedirectRoute>, byHand: object): FieldRow => ({
    kind: 'redirection-host',
    field,
    paths: [`route.${field}`],
    route: redirect(),
    changed: redirect(change),
    byHand: { ...byHand },
  });
  return [
    row('scheme', { to: { ...to, scheme: 'https' } }, { forward_scheme: 'https' }),
    row('code', { to: { ...to, code: 308 } }, { forward_http_code: 308 }),
    row('toHost', { to: { ...to, host: 'else.test' } }, { forward_domain_name: 'else.test' }),
    row('preservePath', { to: { ...to, preservePath: false } }, { preserve_path: false }),
    row('blockExploits', { blockExploits: true }, { block_exploits: true }),
  ];
}

function streamRows({ certificateId }: OtherObjects): readonly FieldRow[] {
  const row = (field: string, change: Partial<StreamRoute>, byHand: object, path = field): FieldRow => ({
    kind: 'stream',
    field,
    paths: [`route.${path}`],
    route: stream(),
    changed: stream(change),
    byHand: { ...byHand },
  });
  const address = { kind: 'address', host: '10.9.9.9', port: 1883 } as const;
  const both = { protocol: 'both' } as const;
  return [
    row('listen', { listen: 5001, name: 'tcp-5000' }, { incoming_port: 5001 }),
    row('forwardHost', { upstream: address }, { forwarding_host: '10.9.9.9' }),
    row('forwardPort', { upstream: { ...upstream, port: 9 } }, { forwarding_port: 9 }),
    {
      ...row('tcp', { protocol: 'udp' }, { tcp_forwarding: false }),
      route: stream(both),
    },
    row('udp', both, { udp_forwarding: true }),
    row(
      'certificateId',
      { certificate: { kind: 'named', name: 'bought' } },
      { certificate_id: certificateId },
      'certificate',
    ),
  ];
}

export function listFieldRows(others: OtherObjects): readonly FieldRow[] {
  return [
    ...nameRows('proxy-host', http, others),
    ...httpRows(others),
    ...nameRows('redirection-host', redirect as Make, others),
    ...redirectRows(),
    ...nameRows('dead-host', notFound, others),
    ...streamRows(others),
  ];
}

/** One of each kind, as plain as the rows begin. */
export const plainRoutes: Readonly<Record<HostKind, DesiredRoute>> = {
  'proxy-host': http({ locations: [location] }),
  'redirection-host': redirect(),
  'dead-host': notFound(),
  stream: stream(),
};

/** What a row has to be there for. */
export function listBodyFields(body: HostBody): readonly string[] {
  return Object.entries(body).flatMap(([field, value]) => {
    if (field === 'kind') return [];
    if (field !== 'locations') return [field];
    const [first] = value as readonly object[];
    return Object.keys(first ?? {}).map((each) => `locations.${each}`);
  });
}
