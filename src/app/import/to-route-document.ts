// A host of the proxy in the words of a declaration: only what differs from the defaults is written.
import { chooseCertificate } from '#domain/routes/choose-certificate.ts';
import { describeHost } from '#domain/routes/describe-host.ts';
import type {
  HostBody,
  LocationBody,
  ObservedHostEntry,
  ObservedProxy,
} from '#domain/routes/observed-proxy.ts';

/** Where an address leads that is a service of the state repo. */
export type KnownService = {
  readonly app: string;
  readonly directory: string;
  readonly stage?: string;
  readonly service: string;
};

export type RouteScene = {
  readonly proxy: ObservedProxy;
  /** By container name. */
  readonly services: ReadonlyMap<string, KnownService>;
  readonly withAdvanced: boolean;
  readonly nowMs: number;
};

export type ToldRoute = { readonly document: Record<string, unknown>; readonly notes: readonly string[] };

/** Under `home`, addresses of its own app become services. */
export function toRouteDocument(
  entry: ObservedHostEntry,
  home: KnownService | undefined,
  scene: RouteScene,
): ToldRoute {
  const notes: string[] = [];
  const leave = (what: string): void => void notes.push(`${describeHost(entry)}: ${what}`);
  const { body } = entry;
  const document = {
    ...toEntry(body, home, scene),
    ...toCertificate(body, scene, leave),
    ...toAccessList(body, scene, leave),
    ...toAdvanced(body, scene, leave),
    ...(!entry.enabled && { enabled: false }),
    adopt: true,
  };
  return { document, notes };
}

function toEntry(body: HostBody, home: KnownService | undefined, scene: RouteScene): Record<string, unknown> {
  switch (body.kind) {
    case 'stream':
      return {
        mode: 'l4',
        listen: body.listen,
        protocol: body.tcp && body.udp ? 'both' : body.udp ? 'udp' : 'tcp',
        ...toUpstream(body, home, scene),
      };
    case 'dead-host':
      return { ...toHosts(body.domains), ...toTls(body), notFound: true };
    case 'redirection-host': {
      const { toHost, scheme, code, preservePath, blockExploits } = body;
      const redirect = { to: toHost, scheme, code, preservePath };
      return { ...toHosts(body.domains), ...toTls(body), redirect, blockExploits };
    }
    case 'proxy-host':
      return {
        ...toHosts(body.domains),
        ...toUpstream(body, home, scene),
        scheme: body.scheme,
        ...toTls(body),
        websockets: body.websockets,
        blockExploits: body.blockExploits,
        cacheAssets: body.cacheAssets,
        ...(body.trustForwardedProto && { trustForwardedProto: true }),
        ...(body.locations.length > 0 && {
          locations: body.locations.map((location) => toLocation(location, home, scene)),
        }),
      };
  }
}

function toHosts(domains: readonly string[]): Record<string, unknown> {
  return domains.length === 1 ? { host: domains[0] } : { hosts: domains };
}

function toTls(body: Exclude<HostBody, { kind: 'stream' }>): Record<string, unknown> {
  const hsts = body.hstsSubdomains ? 'subdomains' : 'on';
  return { forceSsl: body.forceSsl, http2: body.http2, ...(body.hsts && { hsts }) };
}

function toUpstream(
  { forwardHost, forwardPort }: { readonly forwardHost: string; readonly forwardPort: number },
  home: KnownService | undefined,
  { services }: RouteScene,
): Record<string, unknown> {
  const found = services.get(forwardHost);
  const isOwn = found !== undefined && found.app === home?.app && found.stage === home.stage;
  if (isOwn) return { service: found.service, port: forwardPort };
  return { upstream: { host: forwardHost, port: forwardPort } };
}

function toLocation(location: LocationBody, home: KnownService | undefined, scene: RouteScene) {
  const { path, scheme, forwardPath, advanced } = location;
  return {
    path,
    ...toUpstream(location, home, scene),
    scheme,
    ...(forwardPath !== '' && { forwardPath }),
    ...(advanced !== '' && scene.withAdvanced && { advanced }),
  };
}

type Leave = (what: string) => void;

/** `auto` where it would choose the same. */
function toCertificate(body: HostBody, { proxy, nowMs }: RouteScene, leave: Leave): Record<string, unknown> {
  if (body.certificateId === 0) return { certificate: 'none' };
  const certificate = proxy.certificates.find(({ id }) => id === body.certificateId);
  if (certificate === undefined) {
    leave(`its certificate ${body.certificateId} is not there`);
    return {};
  }
  const scene = { certificates: proxy.certificates, declared: {}, owner: '', nowMs };
  const hosts = body.kind === 'stream' ? [] : body.domains;
  const auto = body.kind === 'stream' ? undefined : chooseCertificate({ kind: 'auto' }, hosts, scene);
  if (auto?.kind === 'chosen' && auto.id === certificate.id) return { certificate: 'auto' };
  return { certificate: { name: certificate.name } };
}

function toAccessList(body: HostBody, { proxy }: RouteScene, leave: Leave): Record<string, unknown> {
  if (body.kind !== 'proxy-host' || body.accessListId === 0) return {};
  const list = proxy.accessLists.find(({ id }) => id === body.accessListId);
  if (list === undefined) {
    leave(`its access list ${body.accessListId} is not there`);
    return {};
  }
  leave(`its access list "${list.name}" stays in the proxy: its passwords cannot be read`);
  return { accessList: list.name };
}

/** Raw nginx often holds tokens, and is nothing that a state repo may ask for unless a policy allows it. */
function toAdvanced(body: HostBody, { withAdvanced }: RouteScene, leave: Leave): Record<string, unknown> {
  const own = 'advanced' in body ? body.advanced : '';
  const inLocations = body.kind === 'proxy-host' && body.locations.some(({ advanced }) => advanced !== '');
  if (own === '' && !inLocations) return {};
  if (withAdvanced) return own === '' ? {} : { advanced: own };
  leave('its raw nginx configuration is left out, and would be taken away; --with-advanced takes it along');
  return {};
}
