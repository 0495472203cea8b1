// What NPM says of its hosts, in our words: equal hosts come out equal, whatever version told of them.
import type {
  HostBody,
  HostKind,
  LocationBody,
  ObservedHostEntry,
  RedirectionHostBody,
} from '#domain/routes/observed-proxy.ts';
import { toNginxLine } from './nginx-error.ts';
import { toMarker, toOtherMeta } from './route-marker.ts';
import { type Fields, fieldsOf } from './wire.ts';

/** @throws ProxyError PROXY_UNKNOWN_ANSWER */
export function toHostEntry(kind: HostKind, row: unknown): ObservedHostEntry {
  const id = fieldsOf(`a ${kind}`, row).integer('id');
  const fields = fieldsOf(`${kind} ${id}`, row);
  const meta = fields.record('meta');
  const marker = toMarker(meta);
  return {
    kind,
    id,
    body: toBody(kind, fields, `${kind} ${id}`),
    // Versions without it have no way to switch such a host off.
    enabled: 'enabled' in Object(row) ? fields.flag('enabled') : true,
    ...toOnline(kind, id, meta),
    ...(marker === undefined ? {} : { marker }),
    otherMeta: toOtherMeta(meta),
  };
}

/** What was put aside because of another host's file is not refused: it only has to be written again. */
function toOnline(
  kind: HostKind,
  id: number,
  meta: Readonly<Record<string, unknown>>,
): Pick<ObservedHostEntry, 'online' | 'nginxError'> {
  const online = meta['nginx_online'];
  if (online === true || online === 1) return { online: true };
  if (online !== false && online !== 0) return { online: undefined };
  const text = meta['nginx_err'];
  const { line, culprit } = toNginxLine(typeof text === 'string' ? text : '');
  if (culprit !== undefined && (culprit.kind !== kind || culprit.id !== id)) return { online: undefined };
  return { online: false, nginxError: line };
}

function toBody(kind: HostKind, fields: Fields, what: string): HostBody {
  switch (kind) {
    case 'proxy-host':
      return {
        kind,
        ...toNames(fields),
        scheme: toScheme(fields),
        forwardHost: fields.text('forward_host'),
        forwardPort: fields.integer('forward_port'),
        accessListId: fields.integerOrZero('access_list_id'),
        cacheAssets: fields.flag('caching_enabled'),
        blockExploits: fields.flag('block_exploits'),
        websockets: fields.flag('allow_websocket_upgrade'),
        trustForwardedProto: fields.flag('trust_forwarded_proto'),
        locations: fields.list('locations').map((location) => toLocation(location, what)),
      };
    case 'redirection-host':
      return {
        kind,
        ...toNames(fields),
        scheme: toRedirectScheme(fields),
        code: fields.integer('forward_http_code'),
        toHost: fields.text('forward_domain_name'),
        preservePath: fields.flag('preserve_path'),
        blockExploits: fields.flag('block_exploits'),
      };
    case 'dead-host':
      return { kind, ...toNames(fields) };
    case 'stream':
      return {
        kind,
        listen: fields.integer('incoming_port'),
        forwardHost: fields.text('forwarding_host'),
        forwardPort: fields.integer('forwarding_port'),
        tcp: fields.flag('tcp_forwarding'),
        udp: fields.flag('udp_forwarding'),
        certificateId: fields.integerOrZero('certificate_id'),
      };
  }
}

function toNames(fields: Fields) {
  const certificateId = fields.integerOrZero('certificate_id');
  return {
    domains: toDomains(fields.list('domain_names')),
    certificateId,
    ...settleTls(certificateId, {
      forceSsl: fields.flag('ssl_forced'),
      http2: fields.flag('http2_support'),
      hsts: fields.flag('hsts_enabled'),
      hstsSubdomains: fields.flag('hsts_subdomains'),
    }),
    advanced: fields.textOrEmpty('advanced_config'),
  };
}

type TlsFlags = Record<'forceSsl' | 'http2' | 'hsts' | 'hstsSubdomains', boolean>;

/** What is left of the flags: each needs the one before it, and NPM stores them all the same (quirk 6). */
export function settleTls(certificateId: number, flags: TlsFlags): TlsFlags {
  const hasCertificate = certificateId !== 0;
  const forceSsl = hasCertificate && flags.forceSsl;
  const hsts = forceSsl && flags.hsts;
  return {
    forceSsl,
    http2: hasCertificate && flags.http2,
    hsts,
    hstsSubdomains: hsts && flags.hstsSubdomains,
  };
}

/** They come sorted by code unit, in the case in which they were sent. */
export function toDomains(names: readonly unknown[]): readonly string[] {
  return [...new Set(names.map((name) => String(name).toLowerCase()))].toSorted();
}

function toScheme(fields: Fields): 'http' | 'https' {
  return fields.text('forward_scheme') === 'https' ? 'https' : 'http';
}

function toRedirectScheme(fields: Fields): RedirectionHostBody['scheme'] {
  const scheme = fields.textOrEmpty('forward_scheme');
  return scheme === 'http' || scheme === 'https' ? scheme : 'auto';
}

/** The path may stand behind the host as well: `backend/base` is host `backend` and path `/base`. */
function toLocation(value: unknown, what: string): LocationBody {
  const fields = fieldsOf(`${what}: a location`, value);
  const [forwardHost = '', ...rest] = fields.text('forward_host').split('/');
  const behind = rest.length === 0 ? '' : `/${rest.join('/')}`;
  return {
    path: fields.text('path'),
    scheme: toScheme(fields),
    forwardHost,
    forwardPort: toPort(fields),
    forwardPath: behind || fields.textOrEmpty('forward_path'),
    advanced: fields.textOrEmpty('advanced_config'),
  };
}

/** Locations are kept as they were sent, and older user interfaces sent texts. */
function toPort(fields: Fields): number {
  try {
    return fields.integer('forward_port');
  } catch (error) {
    const port = Number(fields.text('forward_port'));
    if (Number.isSafeInteger(port)) return port;
    throw error;
  }
}
