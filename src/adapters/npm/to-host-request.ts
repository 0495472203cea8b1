// Hosts in NPM's words: exactly the fields that POST and PUT of its version take.
import type { HostBody, LocationBody, RouteMarker } from '#domain/routes/observed-proxy.ts';
import type { ProxyAbilities } from '#domain/routes/proxy-abilities.ts';
import { toMeta } from './route-marker.ts';
import { settleTls, toDomains } from './to-host-entry.ts';

/** What a host is to be, mark included. */
export type HostWish = {
  readonly body: HostBody;
  /** Absent: nobody's. */
  readonly marker?: RouteMarker;
  readonly otherMeta: Readonly<Record<string, unknown>>;
};

export function toHostRequest(wish: HostWish, abilities: ProxyAbilities): Readonly<Record<string, unknown>> {
  return { ...toFields(wish.body, abilities), meta: toMeta(wish.marker, wish.otherMeta) };
}

/** Whether two are the same to this version: what it does not have is not compared. */
export function isSameWish(a: HostWish, b: HostWish, abilities: ProxyAbilities): boolean {
  return findDifferences(a, b, abilities).length === 0;
}

/** The names of the fields that differ. */
export function findDifferences(a: HostWish, b: HostWish, abilities: ProxyAbilities): readonly string[] {
  const [left, right] = [toHostRequest(a, abilities), toHostRequest(b, abilities)];
  return Object.keys(left).filter((key) => toSortedJson(left[key]) !== toSortedJson(right[key]));
}

/** Data bases that store JSON as such give keys back in an order of their own. */
function toSortedJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function toFields(body: HostBody, abilities: ProxyAbilities): Record<string, unknown> {
  switch (body.kind) {
    case 'proxy-host':
      return {
        ...toNames(body),
        forward_scheme: body.scheme,
        forward_host: body.forwardHost,
        forward_port: body.forwardPort,
        access_list_id: body.accessListId,
        caching_enabled: body.cacheAssets,
        block_exploits: body.blockExploits,
        allow_websocket_upgrade: body.websockets,
        ...(abilities.trustForwardedProto ? { trust_forwarded_proto: body.trustForwardedProto } : {}),
        locations: body.locations.map(toLocation),
      };
    case 'redirection-host':
      return {
        ...toNames(body),
        forward_scheme: body.scheme === 'auto' && !abilities.autoScheme ? '$scheme' : body.scheme,
        forward_http_code: body.code,
        forward_domain_name: body.toHost,
        preserve_path: body.preservePath,
        block_exploits: body.blockExploits,
      };
    case 'dead-host':
      return toNames(body);
    case 'stream':
      return {
        incoming_port: body.listen,
        forwarding_host: body.forwardHost,
        forwarding_port: body.forwardPort,
        tcp_forwarding: body.tcp,
        udp_forwarding: body.udp,
        ...(abilities.streamCertificates ? { certificate_id: body.certificateId } : {}),
      };
  }
}

/** `certificate_id` goes with every write: without it, NPM clears the flags (quirk 6). */
function toNames(body: Exclude<HostBody, { kind: 'stream' }>): Record<string, unknown> {
  const { forceSsl, http2, hsts, hstsSubdomains } = settleTls(body.certificateId, body);
  return {
    domain_names: toDomains(body.domains),
    certificate_id: body.certificateId,
    ssl_forced: forceSsl,
    http2_support: http2,
    hsts_enabled: hsts,
    hsts_subdomains: hstsSubdomains,
    advanced_config: body.advanced,
  };
}

function toLocation(location: LocationBody): Record<string, unknown> {
  return {
    path: location.path,
    forward_scheme: location.scheme,
    forward_host: location.forwardHost,
    forward_port: location.forwardPort,
    ...(location.forwardPath === '' ? {} : { forward_path: location.forwardPath }),
    ...(location.advanced === '' ? {} : { advanced_config: location.advanced }),
  };
}
