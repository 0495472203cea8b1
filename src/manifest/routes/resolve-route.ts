import type { DeclaredAt } from '#domain/problem.ts';
import type { DesiredRoute } from '#domain/routes/desired-route.ts';
import { hashContent } from '../content-hash.ts';
import { type Place, problemAt } from '../place.ts';
import { parsePort, parseRedirectTarget } from './host-name.ts';
import { resolveHostOptions, toCertificate } from './host-options.ts';
import { resolveLocations } from './locations.ts';
import type { RouteDocument } from './route-document.ts';
import { checkFields, type RouteKind, toKind } from './route-fields.ts';
import type { RouteScene } from './route-scene.ts';
import { resolveUpstream } from './upstream.ts';

/** Undefined when something is wrong; it is told at its place. */
export function resolveRoute(
  route: RouteDocument,
  place: Place,
  scene: RouteScene,
): DesiredRoute | undefined {
  const kind = toKind(route, place);
  checkFields(route, kind, place);
  const body = resolvers[kind](route, place, scene);
  if (body === undefined) return undefined;
  const name = route.name ?? toName(body);
  const declared = { ...body, name, enabled: route.enabled ?? true, adopt: route.adopt ?? false };
  const generation = hashContent(declared).slice(0, 12);
  return { ...declared, generation, declaredAt: toDeclaredAt(place) };
}

type Body<R extends DesiredRoute = DesiredRoute> = R extends DesiredRoute
  ? Omit<R, 'name' | 'enabled' | 'adopt' | 'generation' | 'declaredAt'>
  : never;
type Resolve = (route: RouteDocument, place: Place, scene: RouteScene) => Body | undefined;

const resolvers: Readonly<Record<RouteKind, Resolve>> = {
  http: resolveHttp,
  stream: resolveStream,
  redirect: resolveRedirect,
  'not-found': (route, place, scene) => {
    const options = resolveHostOptions(route, place, scene);
    return options && { kind: 'not-found', ...options };
  },
};

function resolveHttp(route: RouteDocument, place: Place, scene: RouteScene): Body | undefined {
  const { defaults } = scene;
  const options = resolveHostOptions(route, place, scene);
  const upstream = resolveUpstream(route, { place, scene, transport: 'tcp', name: route.name });
  const locations = resolveLocations(route, place, scene);
  if (options === undefined || upstream === undefined) return undefined;
  const accessList = route.accessList ?? defaults.accessList ?? 'none';
  return {
    kind: 'http',
    ...options,
    scheme: route.scheme ?? defaults.scheme ?? 'http',
    upstream,
    locations,
    websockets: route.websockets ?? defaults.websockets ?? true,
    blockExploits: route.blockExploits ?? defaults.blockExploits ?? false,
    cacheAssets: route.cacheAssets ?? defaults.cacheAssets ?? false,
    trustForwardedProto: route.trustForwardedProto ?? defaults.trustForwardedProto ?? false,
    ...(accessList !== 'none' && { accessList }),
  };
}

/** Ports of the proxy itself: HTTP, HTTPS, its web interface and what lies behind that. */
const proxyPorts = [80, 443, 81, 3000];

function resolveStream(route: RouteDocument, place: Place, scene: RouteScene): Body | undefined {
  const { protocol = 'tcp', certificate: declared = 'none' } = route;
  const listen = place.at('listen').attempt(() => parsePort(scene.text(String(route.listen ?? ''))));
  if (listen !== undefined && proxyPorts.includes(listen)) {
    place.at('listen').error(`the proxy itself listens on port ${listen}`, 'choose another one');
  }
  const certificate = place.at('certificate').attempt(() => toCertificate(declared, []));
  if (certificate?.kind === 'auto' || certificate?.kind === 'letsencrypt') {
    place.at('certificate').error('a port has no host name to go by', 'name a certificate, or none');
  }
  const upstream = resolveUpstream(route, { place, scene, transport: protocol, name: route.name });
  if (listen === undefined || certificate === undefined || upstream === undefined) return undefined;
  return { kind: 'stream', listen, protocol, upstream, certificate };
}

function resolveRedirect(route: RouteDocument, place: Place, scene: RouteScene): Body | undefined {
  const { to = '', scheme = 'auto', code = 301, preservePath = true } = route.redirect ?? {};
  const options = resolveHostOptions(route, place, scene);
  const host = place.at('redirect', 'to').attempt(() => parseRedirectTarget(scene.text(to)));
  if (options === undefined || host === undefined) return undefined;
  if (options.hosts.includes(host)) {
    place.at('redirect', 'to').error(`${host} is a host of this very route: it would never end`);
  }
  const blockExploits = route.blockExploits ?? scene.defaults.blockExploits ?? false;
  return { kind: 'redirect', ...options, to: { host, scheme, code, preservePath }, blockExploits };
}

function toName(body: Body): string {
  if (body.kind === 'stream') return `${body.protocol === 'udp' ? 'udp' : 'tcp'}-${body.listen}`;
  return body.hosts[0] ?? '';
}

function toDeclaredAt(place: Place): DeclaredAt {
  const { document, path } = place.source();
  const {
    severity: _severity,
    message: _message,
    ...at
  } = problemAt(document, path, {
    severity: 'error',
    message: '',
  });
  return at;
}
