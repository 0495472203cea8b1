// A declared route as the object that the proxy is to have. Flags that the proxy would clear are cleared here, or
// they would differ for ever (quirk 6): without a certificate there is no TLS, without forced TLS no HSTS.
import type { DesiredRoute, HostOptions, HttpRoute, RouteLocation } from './desired-route.ts';
import type { HostBody, HostKind, LocationBody, ProxyHostBody } from './observed-proxy.ts';

export type Address = { readonly host: string; readonly port: number };

export type BodyParts = {
  readonly upstream: Address;
  /** One for each location, in their order. */
  readonly locations: readonly Address[];
  readonly certificateId: number;
  readonly accessListId: number;
};

export function toHostBody(route: DesiredRoute, parts: BodyParts): HostBody {
  switch (route.kind) {
    case 'http':
      return toProxyHost(route, parts);
    case 'redirect': {
      const { host, scheme, code, preservePath } = route.to;
      const to = { toHost: host, scheme, code, preservePath, blockExploits: route.blockExploits };
      return { kind: 'redirection-host', ...toHostNames(route, parts), ...to };
    }
    case 'not-found':
      return { kind: 'dead-host', ...toHostNames(route, parts) };
    case 'stream':
      return {
        kind: 'stream',
        listen: route.listen,
        forwardHost: parts.upstream.host,
        forwardPort: parts.upstream.port,
        tcp: route.protocol !== 'udp',
        udp: route.protocol !== 'tcp',
        certificateId: parts.certificateId,
      };
  }
}

function toProxyHost(route: HttpRoute, parts: BodyParts): ProxyHostBody {
  const { scheme, websockets, blockExploits, cacheAssets, trustForwardedProto } = route;
  return {
    kind: 'proxy-host',
    ...toHostNames(route, parts),
    scheme,
    forwardHost: parts.upstream.host,
    forwardPort: parts.upstream.port,
    accessListId: parts.accessListId,
    websockets,
    blockExploits,
    cacheAssets,
    trustForwardedProto,
    locations: route.locations.map((location, index) => toLocation(location, parts.locations[index])),
  };
}

function toLocation(
  { path, scheme, forwardPath = '', advanced }: RouteLocation,
  address: Address | undefined,
): LocationBody {
  const { host = '', port = 0 } = address ?? {};
  return { path, scheme, forwardHost: host, forwardPort: port, forwardPath, advanced };
}

function toHostNames(options: HostOptions, { certificateId }: BodyParts) {
  const hasTls = certificateId !== 0;
  const forceSsl = hasTls && options.forceSsl;
  const hsts = forceSsl && options.hsts !== 'off';
  return {
    domains: options.hosts,
    certificateId,
    forceSsl,
    http2: hasTls && options.http2,
    hsts,
    hstsSubdomains: hsts && options.hsts === 'subdomains',
    advanced: options.advanced,
  };
}

const kinds = {
  http: 'proxy-host',
  redirect: 'redirection-host',
  'not-found': 'dead-host',
  stream: 'stream',
} as const;

export function toHostKind(route: DesiredRoute): HostKind {
  return kinds[route.kind];
}
