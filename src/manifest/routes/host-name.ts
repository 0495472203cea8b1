// What a proxy writes into its nginx configuration, unescaped: only what cannot be read as syntax gets through.
import { InvalidValue } from '../place.ts';
import { isIpAddress } from '../text/ip-address.ts';

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const maxHostLength = 253;

/** A name that requests come to, in small letters; `*.` may stand before it. @throws InvalidValue */
export function parseHost(text: string): string {
  const host = text.trim().toLowerCase();
  const shown = `"${text.slice(0, 80)}"`;
  const [first = '', ...rest] = host.split('.');
  if (host.includes('*') && (first !== '*' || rest.length === 0 || rest.join('.').includes('*'))) {
    const hint = 'a wildcard is the whole first part of a name: *.example.com';
    throw new InvalidValue(`${shown} is no host name`, hint);
  }
  const labels = first === '*' ? rest : [first, ...rest];
  if (host.length <= maxHostLength && labels.every((part) => label.test(part))) return host;
  throw new InvalidValue(`${shown} is no host name`, findHostHint(host));
}

function findHostHint(host: string): string {
  if (host.includes('://') || host.includes('/')) return 'without scheme and path';
  if (/:\d+$/.test(host)) return 'without a port';
  if (host.includes('_')) return 'underscores are not allowed in host names';
  // oxlint-disable-next-line no-control-regex -- what lies beyond ASCII is looked for
  if (/[^\u0000-\u007f]/.test(host)) return 'write it in its ASCII form: xn--…';
  return 'parts of small letters, digits and dashes, with dots between them';
}

/** Where a proxy connects to: a name, which may have underscores as containers do, or an address. @throws InvalidValue */
export function parseUpstreamHost(text: string): string {
  const host = text.trim();
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  // Without brackets, its last part would be taken for the port.
  if (bare.includes(':') && isIpAddress(bare)) return `[${bare.toLowerCase()}]`;
  if (host.length <= maxHostLength && /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/i.test(host)) return host;
  throw new InvalidValue(
    `"${text.slice(0, 80)}" is neither a host name nor an IP address`,
    'scheme, port and path have fields of their own',
  );
}

/** Where a redirect leads: a host name, with a port or a path if need be. @throws InvalidValue */
export function parseRedirectTarget(text: string): string {
  const [, host = '', port = '', path = ''] = /^([^:/]*)(:\d{1,5})?(\/.*)?$/.exec(text.trim()) ?? [];
  if (host === '' || host.includes('*')) {
    const hint = text.includes('://') ? 'without the scheme, which has a field of its own' : undefined;
    throw new InvalidValue(`"${text.slice(0, 80)}" is no host name to redirect to`, hint);
  }
  return `${parseHost(host)}${port}${path === '' ? '' : parsePath(path)}`;
}

const maxPathLength = 1000;

/** A path as nginx takes it literally. @throws InvalidValue */
export function parsePath(text: string): string {
  if (text.length <= maxPathLength && /^\/[\w.~%@:+,=!&*()/-]*$/.test(text)) return text;
  throw new InvalidValue(
    `"${text.slice(0, 80)}" is no path`,
    'it begins with / and has letters, digits and -._~%@:+,=!&*()/ only',
  );
}

/** @throws InvalidValue */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new InvalidValue(`expected a port from 1 to 65535, found "${text.slice(0, 80)}"`);
}
