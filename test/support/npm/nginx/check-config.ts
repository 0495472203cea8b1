import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { bareDirectives, knownDirectives, outerDirectives } from './known-directives.ts';
import { NginxRefusal } from './nginx.ts';
import { ConfigError, type Directive, parseConfig } from './parse-config.ts';

export type ConfigWorld = {
  readonly files: ReadonlyMap<string, string>;
  /** Where nginx listens, as it tells of two servers with one name: `0.0.0.0:80`. */
  readonly listenAddress: string;
  /** Can nginx look this upstream up while it reads its files? */
  resolves(name: string): boolean;
};

// In the order in which nginx.conf includes them.
const httpDirectories = ['default_host', 'proxy_host', 'redirection_host', 'dead_host', 'temp', 'custom'];

/** By default every name can be looked up, but those that never can. */
export function resolvesByDefault(name: string): boolean {
  return isIP(name) !== 0 || !/\.invalid$|[*\s]/.test(name);
}

/** `nginx -t` in small. @throws NginxRefusal with what it would write to stderr */
export function checkConfig(world: ConfigWorld): void {
  const http = httpDirectories.flatMap((directory) => readDirectory(world, directory));
  for (const file of http) checkFile(world, file, checkHttpDirective);
  const warnings = findConflicts(world, http);
  for (const file of http) checkCertificates(world, file.directives);
  for (const file of readDirectory(world, 'stream')) {
    try {
      checkFile(world, file, checkStreamDirective);
      checkCertificates(world, file.directives);
    } catch (error) {
      throw error instanceof NginxRefusal ? new NginxRefusal(`${warnings}${error.message}`) : error;
    }
  }
}

type ConfigFile = { readonly path: string; readonly text: string; directives: readonly Directive[] };

function readDirectory(world: ConfigWorld, directory: string): ConfigFile[] {
  return [...world.files]
    .filter(([path]) => path.includes(`/nginx/${directory}/`) && path.endsWith('.conf'))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([path, text]) => ({ path, text, directives: [] }));
}

type Check = (world: ConfigWorld, directive: Directive, context: string) => void;

function checkFile(world: ConfigWorld, file: ConfigFile, check: Check): void {
  try {
    file.directives = parseConfig(file.text);
    checkAll(world, file.directives, check, '');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw emergency(`${error.message} in ${file.path}:${error.line}`);
  }
}

function checkAll(world: ConfigWorld, directives: readonly Directive[], check: Check, context: string): void {
  const locations = new Set<string>();
  for (const directive of directives) {
    if (context !== 'map') check(world, directive, context);
    const key = directive.args.join(' ');
    if (directive.name === 'location') {
      if (locations.has(key)) {
        throw new ConfigError(`duplicate location "${directive.args.at(-1)}"`, directive.line);
      }
      locations.add(key);
    }
    if (directive.block !== undefined) checkAll(world, directive.block, check, directive.name);
  }
}

function checkHttpDirective(world: ConfigWorld, directive: Directive, context: string): void {
  const { name, args, line } = directive;
  if (!knownDirectives.has(name)) throw new ConfigError(`unknown directive "${name}"`, line);
  if (context !== '' && outerDirectives.has(name)) {
    throw new ConfigError(`"${name}" directive is not allowed here`, line);
  }
  if (args.length === 0 && directive.block === undefined && !bareDirectives.has(name)) {
    throw new ConfigError(`invalid number of arguments in "${name}" directive`, line);
  }
  if (name.endsWith('_timeout') && !/^(\d+(ms|[smhdwMy])?)+$/.test(args[0] ?? '')) {
    throw new ConfigError(`"${name}" directive invalid value`, line);
  }
  const badName = name === 'server_name' ? args.find((arg) => /^\*$|^\*[^.]|.\*./.test(arg)) : undefined;
  if (badName !== undefined) throw new ConfigError(`server name "${badName}" is invalid`, line);
  if (name === 'proxy_pass') checkUpstream(world, /^https?:\/\/([^/:]+)/.exec(args[0] ?? '')?.[1], line);
}

function checkStreamDirective(world: ConfigWorld, directive: Directive): void {
  const [target = ''] = directive.args;
  if (directive.name === 'proxy_pass') checkUpstream(world, target.replace(/:\d+$/, ''), directive.line);
}

function checkUpstream(world: ConfigWorld, name: string | undefined, line: number): void {
  if (name === undefined || name.includes('$') || world.resolves(name.replaceAll(/[[\]]/g, ''))) return;
  throw new ConfigError(`host not found in upstream "${name}"`, line);
}

function findConflicts(world: ConfigWorld, files: readonly ConfigFile[]): string {
  const seen = new Set<string>();
  const warnings: string[] = [];
  for (const server of files.flatMap((file) => file.directives).filter(({ name }) => name === 'server')) {
    for (const name of serverNames(server)) {
      if (seen.has(name)) {
        warnings.push(`nginx: [warn] conflicting server name "${name}" on ${world.listenAddress}, ignored\n`);
      }
      seen.add(name);
    }
  }
  return warnings.join('');
}

export function serverNames(server: Directive): string[] {
  return (server.block ?? [])
    .filter(({ name }) => name === 'server_name')
    .flatMap(({ args }) => args.map((arg) => arg.toLowerCase()));
}

function checkCertificates(world: ConfigWorld, directives: readonly Directive[]): void {
  for (const server of directives.filter(({ name }) => name === 'server')) {
    const certificate = argumentOf(server, 'ssl_certificate');
    const key = argumentOf(server, 'ssl_certificate_key');
    if (certificate === undefined || key === undefined) continue;
    const [certificateText, keyText] = [world.files.get(certificate), world.files.get(key)];
    if (certificateText === undefined) throw missingFile('certificate', certificate);
    if (keyText === undefined) throw missingFile('certificate key', key);
    if (!isPair(certificateText, keyText)) {
      throw emergency(
        `SSL_CTX_use_PrivateKey("${key}") failed (SSL: error:05800074:x509 certificate routines::key values mismatch)`,
      );
    }
  }
}

export function argumentOf(server: Directive, name: string): string | undefined {
  return server.block?.find((directive) => directive.name === name)?.args[0];
}

const pairsSize = 200;
const pairs = new Map<string, boolean>();

/** The same files are read at every test. */
function isPair(certificate: string, key: string): boolean {
  const both = certificate + key;
  const known = pairs.get(both);
  if (known !== undefined) return known;
  const answer = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  if (pairs.size >= pairsSize) pairs.clear();
  pairs.set(both, answer);
  return answer;
}

function missingFile(what: string, path: string): NginxRefusal {
  return emergency(
    `cannot load ${what} "${path}": BIO_new_file() failed (SSL: error:80000002:system library::No such file or ` +
      `directory:calling fopen(${path}, r) error:10000080:BIO routines::no such file)`,
  );
}

function emergency(message: string): NginxRefusal {
  return new NginxRefusal(
    `nginx: [emerg] ${message}\nnginx: configuration file /etc/nginx/nginx.conf test failed\n`,
  );
}
