import { InvalidValue } from '../../place.ts';
import { isIpAddress } from '../../text/ip-address.ts';
import { createMap, type TreeMap } from '../../tree/tree.ts';

type Range = { readonly first: number; readonly last: number };

// Of a project. Enough for all of one machine; a few hundred such ranges would fill the memory.
export const maxPorts = 100_000;

/**
 * `[[address:]host:]container[/protocol]` in the long form; a range of container ports gives several, in the
 * order of their text, as Compose lists them.
 */
export function parseShortPort(text: string): readonly TreeMap[] {
  const { address, host, container, protocol } = splitPort(text);
  const hostIp = parseAddress(address);
  if (container === '') throw new InvalidValue(`no port specified: "${text}"`);
  const target = parseRange(container);
  if (target === undefined) throw new InvalidValue(`invalid containerPort: ${container}`, portHint);
  const published = host === '' ? undefined : parseRange(host);
  if (host !== '' && published === undefined) throw new InvalidValue(`invalid hostPort: ${host}`, portHint);
  const count = target.last - target.first + 1;
  if (published !== undefined && published.last - published.first + 1 !== count && count > 1) {
    throw new InvalidValue(
      `invalid ranges specified for container and host ports: ${container} and ${host}`,
      'give both the same length',
    );
  }
  const ports = Array.from({ length: count }, (_, index) => ({
    key: `${target.first + index}/${protocol}`,
    port: toLongPort({
      hostIp,
      target: target.first + index,
      published: publishedAt(published, index, count),
      protocol,
    }),
  }));
  return ports.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ port }) => port);
}

/** How many ports an entry stands for, right or wrong. */
export function countShortPorts(text: string): number {
  const [, first, last] = /(\d{1,9})-(\d{1,9})(?:\/|$)/.exec(text.slice(-40)) ?? [];
  const end = Number(last ?? 0);
  return end > 65_535 ? 1 : Math.max(1, end - Number(first ?? 0) + 1);
}

const portHint = 'expected a port from 0 to 65535, or a range such as 8000-8010';

function splitPort(text: string): { address: string; host: string; container: string; protocol: string } {
  const parts = text.split(':');
  const [last = ''] = parts.slice(-1);
  const [container = '', protocol = 'tcp', ...rest] = last.split('/');
  const known = ['', 'tcp', 'udp', 'sctp'].includes(protocol.toLowerCase());
  if (!known || rest.length > 0) throw new InvalidValue(`invalid proto: ${[protocol, ...rest].join('/')}`);
  return {
    address: parts.slice(0, -2).join(':'),
    host: parts.length > 1 ? (parts.at(-2) ?? '') : '',
    container,
    protocol: protocol.toLowerCase() || 'tcp',
  };
}

function parseAddress(text: string): string {
  if (text === '') return '';
  const inner = /^\[([^\]]*)\]$/.exec(text)?.[1] ?? text;
  if (isIpAddress(inner) && (text !== inner || !inner.includes(':'))) return inner;
  const hint = text.includes(':') ? 'write an IPv6 address in brackets: "[::1]:8080:80"' : undefined;
  throw new InvalidValue(`invalid ip address ${text}`, hint);
}

function parseRange(text: string): Range | undefined {
  const [first = '', last = first] = text.split('-');
  const range = { first: parsePortNumber(first), last: parsePortNumber(last) };
  return range.first <= range.last ? range : undefined;
}

function parsePortNumber(text: string): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return number <= 65_535 ? number : Number.NaN;
}

function publishedAt(published: Range | undefined, index: number, count: number): string {
  if (published === undefined) return '';
  // A host range for one container port leaves the choice to the engine.
  const isChoice = count === 1 && published.last !== published.first;
  return isChoice ? `${published.first}-${published.last}` : String(published.first + index);
}

type LongPort = {
  readonly hostIp: string;
  readonly target: number;
  readonly published: string;
  readonly protocol: string;
};

function toLongPort({ hostIp, target, published, protocol }: LongPort): TreeMap {
  const port = createMap([['mode', 'ingress']]);
  if (hostIp !== '') port['host_ip'] = hostIp;
  if (target !== 0) port['target'] = target;
  if (published !== '') port['published'] = published;
  port['protocol'] = protocol;
  return port;
}
