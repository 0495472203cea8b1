import { BlockList, isIPv6 } from 'node:net';
import { hasPassword } from '../api/htpasswd.ts';
import { argumentOf, serverNames } from './check-config.ts';
import { type Directive, parseConfig } from './parse-config.ts';

/** A request that reaches nginx. */
export type TrafficRequest = {
  readonly host: string;
  /** `/` when absent. */
  readonly path?: string;
  readonly isTls?: boolean;
  readonly credentials?: { readonly name: string; readonly password: string };
  /** `127.0.0.1` when absent. */
  readonly client?: string;
};

/** Where it ends up. */
export type TrafficResult =
  | { readonly to: 'upstream'; readonly url: string }
  | { readonly to: 'nginx'; readonly status: number; readonly location?: string }
  | { readonly to: 'default-site' }
  | { readonly to: 'tls-refused' };

const secured = (server: Directive): boolean =>
  (server.block ?? []).some(({ name, args }) => name === 'listen' && args.includes('ssl'));

/** What nginx would do with it, by the files of its last reload. Regular expressions of locations are not read. */
export function judgeTraffic(files: ReadonlyMap<string, string>, request: TrafficRequest): TrafficResult {
  const servers = [...files]
    .filter(([path]) => path.endsWith('.conf') && !path.includes('/stream/'))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([, text]) => parseConfig(text))
    .filter(({ name }) => name === 'server');
  const candidates = request.isTls === true ? servers.filter(secured) : servers;
  const server = findServer(candidates, request.host.toLowerCase());
  if (server === undefined) return request.isTls === true ? { to: 'tls-refused' } : { to: 'default-site' };
  return judgeServer(files, server, request);
}

/** The tls listener of a stream, or its plain one: who serves this port. The older of two goes on serving it. */
export function judgeStream(files: ReadonlyMap<string, string>, port: number): string | undefined {
  const servers = [...files]
    .filter(([path]) => path.includes('/nginx/stream/'))
    .toSorted(([left], [right]) => left.localeCompare(right, 'en', { numeric: true }))
    .flatMap(([, text]) => parseConfig(text));
  const server = servers.find(({ block }) =>
    block?.some(({ name, args }) => name === 'listen' && args[0] === String(port)),
  );
  return server && argumentOf(server, 'proxy_pass');
}

function findServer(servers: readonly Directive[], host: string): Directive | undefined {
  const exact = servers.find((server) => serverNames(server).includes(host));
  if (exact !== undefined) return exact;
  const matches = servers.flatMap((server) =>
    serverNames(server)
      .filter((name) => name.startsWith('*.') && host.endsWith(name.slice(1)))
      .map((name) => ({ server, length: name.length })),
  );
  return matches.toSorted((left, right) => right.length - left.length)[0]?.server;
}

function judgeServer(
  files: ReadonlyMap<string, string>,
  server: Directive,
  request: TrafficRequest,
): TrafficResult {
  const path = request.path ?? '/';
  const own = server.block ?? [];
  const isForced = own.some(({ name, args }) => name === 'include' && args[0]?.endsWith('/force-ssl.conf'));
  if (isForced && request.isTls !== true) {
    return { to: 'nginx', status: 301, location: `https://${request.host}${path}` };
  }
  const returned = judgeReturn(own, request);
  if (returned !== undefined) return returned;
  const location = findLocation(own, path.replace(/\?.*$/, ''));
  if (location === undefined) return { to: 'nginx', status: 404 };
  const inside = location.block ?? [];
  return judgeReturn(inside, request) ?? judgeAccess(files, inside, request) ?? pass(own, location, path);
}

function findLocation(directives: readonly Directive[], path: string): Directive | undefined {
  const locations = directives.filter(({ name }) => name === 'location');
  const exact = locations.find(({ args }) => args[0] === '=' && args[1] === path);
  if (exact !== undefined) return exact;
  return locations
    .filter(({ args }) => !/^[=~]/.test(args[0] ?? '') && path.startsWith(args.at(-1) ?? ''))
    .toSorted((left, right) => (right.args.at(-1)?.length ?? 0) - (left.args.at(-1)?.length ?? 0))[0];
}

function judgeReturn(directives: readonly Directive[], request: TrafficRequest): TrafficResult | undefined {
  const [status, target] = directives.find(({ name }) => name === 'return')?.args ?? [];
  if (status === undefined) return undefined;
  if (target === undefined) return { to: 'nginx', status: Number(status) };
  const location = target
    .replace('$scheme', request.isTls === true ? 'https' : 'http')
    .replace('$request_uri', request.path ?? '/');
  return { to: 'nginx', status: Number(status), location };
}

/** Undefined: it may pass. */
function judgeAccess(
  files: ReadonlyMap<string, string>,
  directives: readonly Directive[],
  request: TrafficRequest,
): TrafficResult | undefined {
  const value = (name: string): string | undefined => directives.find((one) => one.name === name)?.args[0];
  const passwordFile = value('auth_basic_user_file');
  const rules = directives.filter(({ name }) => name === 'allow' || name === 'deny');
  const knowsPassword =
    passwordFile !== undefined && hasPassword(files.get(passwordFile) ?? '', request.credentials);
  const isAllowed = mayEnter(rules, request.client ?? '127.0.0.1');
  if (value('satisfy') === 'any' && passwordFile !== undefined && rules.length > 0) {
    return knowsPassword || isAllowed ? undefined : { to: 'nginx', status: 401 };
  }
  if (!isAllowed) return { to: 'nginx', status: 403 };
  return passwordFile === undefined || knowsPassword ? undefined : { to: 'nginx', status: 401 };
}

/** The first rule that fits counts. */
function mayEnter(rules: readonly Directive[], client: string): boolean {
  const first = rules.find(({ args }) => fits(args[0] ?? '', client));
  return first === undefined || first.name === 'allow';
}

function fits(address: string, client: string): boolean {
  if (address === 'all') return true;
  const [network = '', prefix] = address.split('/');
  const list = new BlockList();
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  if (prefix === undefined) list.addAddress(network, family);
  else list.addSubnet(network, Number(prefix), family);
  return list.check(client, isIPv6(client) ? 'ipv6' : 'ipv4');
}

function pass(server: readonly Directive[], location: Directive, path: string): TrafficResult {
  const target = location.block?.find(({ name }) => name === 'proxy_pass')?.args[0];
  if (target === undefined) {
    const variable = (name: string): string =>
      server.find((one) => one.name === 'set' && one.args[0] === name)?.args[1] ?? '';
    const base = `${variable('$forward_scheme')}://${variable('$server')}:${variable('$port')}`;
    return { to: 'upstream', url: `${base}${path}` };
  }
  const [, base = '', uri = ''] = /^(https?:\/\/[^/]+)(.*)$/.exec(target) ?? [];
  const prefix = location.args.at(-1) ?? '';
  return { to: 'upstream', url: `${base}${uri === '' ? path : `${uri}${path.slice(prefix.length)}`}` };
}
