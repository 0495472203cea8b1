import type { PortBinding } from '#domain/container-spec.ts';
import { InvalidValue, type Place } from '../place.ts';
import type { RawPort } from './compose-document.ts';

type Range = { readonly first: number; readonly last: number };

// Enough for a media server's ten thousand; a few ranges of all ports would fill the memory.
const maxBindings = 20_000;

/** All entries of `ports`, each binding once. */
export function resolvePorts(
  entries: readonly (string | number | RawPort)[],
  place: Place,
): readonly PortBinding[] {
  const bindings: PortBinding[] = [];
  for (const [index, entry] of entries.entries()) {
    for (const binding of place.at(index).attempt(() => parsePort(entry)) ?? []) bindings.push(binding);
    if (bindings.length > maxBindings) {
      place.error(`more than ${maxBindings} ports are published`);
      return [];
    }
  }
  return uniquePorts(bindings);
}

/** One entry of `ports`, in either form; a range of container ports gives several bindings. */
export function parsePort(entry: string | number | RawPort): readonly PortBinding[] {
  if (typeof entry !== 'object') return parseShortPort(String(entry));
  const target = parseRange(String(entry.target), 'container port', 1);
  if (target.first !== target.last) throw new InvalidValue('expected one container port in target');
  const hostPort =
    entry.published === undefined ? '' : formatRange(parseRange(String(entry.published), 'host port', 0));
  return [
    {
      containerPort: target.first,
      protocol: parseProtocol(entry.protocol ?? 'tcp'),
      hostPort,
      hostIp: entry.host_ip ?? '',
    },
  ];
}

const shortPattern = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):(?=[^:]*:))?(?:([^:]*):)?([^:/]*)(?:\/(\w+))?$/;

/** `[[address:]host:]container[/protocol]` */
function parseShortPort(text: string): readonly PortBinding[] {
  const match = shortPattern.exec(text);
  if (match === null) {
    const hint =
      text.split(':').length > 3 ? 'write an IPv6 address in brackets: "[::1]:8080:80"' : undefined;
    throw new InvalidValue(`expected [[address:]host:]container[/protocol], found "${text}"`, hint);
  }
  const [, ipv6, ipv4, hostText = '', containerText = '', protocolText = 'tcp'] = match;
  const container = parseRange(containerText, 'container port', 1);
  const protocol = parseProtocol(protocolText);
  const hostIp = ipv6 ?? ipv4 ?? '';
  const host = hostText === '' ? undefined : parseRange(hostText, 'host port', 0);
  const size = container.last - container.first;
  // A host range for one container port leaves the choice to the engine.
  if (host !== undefined && size > 0 && host.last - host.first !== size) {
    throw new InvalidValue(`the ranges ${hostText} and ${containerText} differ in length`);
  }
  return Array.from({ length: size + 1 }, (_, index) => ({
    containerPort: container.first + index,
    protocol,
    hostPort: host === undefined ? '' : size === 0 ? formatRange(host) : String(host.first + index),
    hostIp,
  }));
}

function uniquePorts(ports: readonly PortBinding[]): readonly PortBinding[] {
  const seen = new Set<string>();
  return ports.filter(({ containerPort, protocol, hostPort, hostIp }) => {
    const key = `${hostIp}|${hostPort}|${containerPort}|${protocol}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

/** `expose` goes to the engine as it stands; here it is only checked. */
export function parseExpose(value: string | number): string {
  const text = String(value);
  const [ports = '', protocol = 'tcp', ...rest] = text.split('/');
  parseRange(ports, 'container port', 1);
  parseProtocol(protocol);
  if (rest.length > 0) throw new InvalidValue(`expected port[/protocol], found "${text}"`);
  return text;
}

function parseProtocol(text: string): PortBinding['protocol'] {
  const protocol = text.toLowerCase();
  if (protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp') return protocol;
  throw new InvalidValue(`expected the protocol tcp, udp or sctp, found "${text}"`);
}

function parseRange(text: string, what: string, minimum: number): Range {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(match?.[1] ?? Number.NaN);
  const last = Number(match?.[2] ?? first);
  if (first >= minimum && first <= last && last <= 65_535) return { first, last };
  throw new InvalidValue(`expected a ${what} from ${minimum} to 65535, found "${text}"`);
}

function formatRange({ first, last }: Range): string {
  return first === last ? String(first) : `${first}-${last}`;
}
