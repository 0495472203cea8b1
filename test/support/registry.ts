import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ensurePrograms, findProgram } from './debian-packages.ts';
import { requestEngine } from './engine-request.ts';
import { findFreePort } from './free-port.ts';

const run = promisify(execFile);
const startTimeoutMs = 15_000;

export type RegistryRequest = { readonly method: string; readonly path: string; readonly status: number };

/** A real registry (Debian's `docker-registry`) on 127.0.0.1, which every engine takes without TLS. */
export type TestRegistry = {
  /** `127.0.0.1:41234`: the first part of the names of its images. */
  readonly address: string;
  /** Pushes a local image under `as` (`team/web:1`); gives the full reference. */
  push(engineHost: string, image: string, as: string): Promise<string>;
  /** Nothing answers at the address until `setUp`. What was pushed stays. */
  setDown(): Promise<void>;
  setUp(): Promise<void>;
  /** What it was asked so far, from its own access log. */
  requests(): readonly RegistryRequest[];
  close(): Promise<void>;
};

/** With `credentials` it asks for basic authentication. */
export async function startRegistry(credentials?: {
  readonly username: string;
  readonly password: string;
}): Promise<TestRegistry> {
  await ensurePrograms({
    'docker-registry': 'docker-registry',
    ...(credentials === undefined ? {} : { htpasswd: 'apache2-utils' }),
  });
  const directory = await mkdtemp(join(tmpdir(), 'shorefast-registry-'));
  const address = `127.0.0.1:${await findFreePort()}`;
  await writeFile(join(directory, 'config.yml'), configText(directory, address, credentials !== undefined));
  if (credentials !== undefined) await writePasswordFile(directory, credentials);
  let server: ChildProcess | undefined = await startServer(directory, address);

  async function setDown(): Promise<void> {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGTERM');
    await once(running, 'exit');
  }
  return {
    address,
    push: (engineHost, image, as) => pushImage(engineHost, image, `${address}/${as}`, credentials),
    setDown,
    setUp: async () => {
      server ??= await startServer(directory, address);
    },
    requests: () => readAccessLog(join(directory, 'log')),
    close: async () => {
      await setDown();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function configText(directory: string, address: string, withPassword: boolean): string {
  const auth = { htpasswd: { realm: 'test registry', path: join(directory, 'htpasswd') } };
  // JSON is YAML.
  return JSON.stringify({
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: join(directory, 'data') }, delete: { enabled: true } },
    http: { addr: address, secret: 'only for tests' },
    ...(withPassword ? { auth } : {}),
  });
}

async function writePasswordFile(
  directory: string,
  { username, password }: { username: string; password: string },
): Promise<void> {
  const program = findProgram('htpasswd') ?? 'htpasswd';
  // The registry accepts bcrypt only.
  const { stdout } = await run(program, ['-B', '-b', '-n', '-C', '5', username, password]);
  await writeFile(join(directory, 'htpasswd'), stdout);
}

async function startServer(directory: string, address: string): Promise<ChildProcess> {
  const log = openSync(join(directory, 'log'), 'a');
  const program = findProgram('docker-registry') ?? 'docker-registry';
  const server = spawn(program, ['serve', join(directory, 'config.yml')], { stdio: ['ignore', log, log] });
  closeSync(log);
  server.on('error', () => undefined);
  // A test run that crashes takes it along.
  process.once('exit', () => server.kill('SIGKILL'));
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    if (await answers(address)) return server;
    if (server.exitCode !== null || Date.now() > deadline) {
      server.kill('SIGKILL');
      throw new Error(`docker-registry did not start: ${readFileSync(join(directory, 'log'), 'utf8')}`);
    }
    await sleep(30);
  }
}

async function answers(address: string): Promise<boolean> {
  try {
    await fetch(`http://${address}/v2/`);
    return true;
  } catch {
    return false;
  }
}

async function pushImage(
  engineHost: string,
  image: string,
  reference: string,
  credentials: { username: string; password: string } | undefined,
): Promise<string> {
  const colon = reference.lastIndexOf(':');
  const [repository, tag] = [reference.slice(0, colon), reference.slice(colon + 1)];
  await requestEngine(engineHost, 'POST', `/images/${image}/tag?repo=${repository}&tag=${tag}`);
  const { status, body } = await requestEngine(engineHost, 'POST', `/images/${repository}/push?tag=${tag}`, {
    headers: { 'x-registry-auth': toAuthHeader(credentials ?? {}) },
  });
  // The local name goes again, so that only a pull can bring it back.
  await requestEngine(engineHost, 'DELETE', `/images/${reference}`);
  if (status !== 200 || body.includes('errorDetail')) throw new Error(`push of ${reference}: ${body}`);
  return reference;
}

/** Base64 for URLs, but with padding: without it the engine drops the header silently. */
function toAuthHeader(credentials: object): string {
  const encoded = Buffer.from(JSON.stringify(credentials)).toString('base64');
  return encoded.replaceAll('+', '-').replaceAll('/', '_');
}

/** Lines of the Apache combined format. */
function readAccessLog(file: string): RegistryRequest[] {
  return [...readFileSync(file, 'utf8').matchAll(/"([A-Z]+) (\S+) HTTP\/[\d.]+" (\d+)/g)].map((match) => ({
    method: match[1] ?? '',
    path: match[2] ?? '',
    status: Number(match[3]),
  }));
}
