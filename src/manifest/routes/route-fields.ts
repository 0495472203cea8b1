import type { Place } from '../place.ts';
import type { RouteDocument } from './route-document.ts';

export type RouteKind = 'http' | 'stream' | 'redirect' | 'not-found';

const common = ['name', 'mode', 'enabled', 'adopt', 'certificate'];
const ofHosts = ['host', 'hosts', 'subdomain', 'http2', 'forceSsl', 'hsts', 'advanced'];
const ofServices = ['service', 'port', 'upstream', 'reach'];

const fields: Readonly<Record<RouteKind, readonly string[]>> = {
  http: [
    ...common,
    ...ofHosts,
    ...ofServices,
    'scheme',
    'locations',
    'websockets',
    'blockExploits',
    'cacheAssets',
    'trustForwardedProto',
    'accessList',
  ],
  stream: [...common, ...ofServices, 'listen', 'protocol'],
  redirect: [...common, ...ofHosts, 'redirect', 'blockExploits'],
  'not-found': [...common, ...ofHosts, 'notFound'],
};

const names: Readonly<Record<RouteKind, string>> = {
  http: 'a route to a service by host name',
  stream: 'a route with mode: l4',
  redirect: 'a redirect',
  'not-found': 'notFound',
};

export function toKind(route: RouteDocument, place: Place): RouteKind {
  if (route.redirect !== undefined && route.notFound) {
    place.at('notFound').error('stands beside redirect', 'take one of them out');
  }
  if (route.mode === 'l4') return 'stream';
  if (route.redirect !== undefined) return 'redirect';
  return route.notFound ? 'not-found' : 'http';
}

/** What means nothing for such a route is told, not passed over. */
export function checkFields(route: RouteDocument, kind: RouteKind, place: Place): void {
  for (const key of Object.keys(route)) {
    if (fields[kind].includes(key) || (kind === 'not-found' && key === 'redirect')) continue;
    const isOfStream = fields.stream.includes(key) && kind !== 'stream';
    place
      .at(key)
      .error(`means nothing for ${names[kind]}`, isOfStream && kind === 'http' ? 'set mode: l4' : undefined);
  }
}
