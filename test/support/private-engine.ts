import { execFile, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findProgram } from './debian-packages.ts';
import { askEngine, requestEngine } from './engine-request.ts';
import { prepareNestedCgroups } from './nested-cgroups.ts';

// A dockerd of our own, described wholly by its directory: another process (a test worker, the next run)
// can restart or stop it by that alone. It is addressed only by the pid in its own pid file.

const run = promisify(execFile);
const directoryPrefix = 'shorefast-engine-';
/** With a number behind it; the kernel takes 15 characters. */
const bridgePrefix = 'shorefast-';
const dockerdPidFile = 'docker.pid';
const containerdPidFile = 'exec/containerd/containerd.pid';
const startTimeoutMs = 30_000;
const stopTimeoutMs = 20_000;

/** Kept in the directory, so that every start uses the same bridge and addresses. */
type EngineFacts = { readonly bridge: string; readonly addressPrefix: string; readonly ownerPid: number };

export function hostOf(directory: string): string {
  return `unix://${join(directory, 'docker.sock')}`;
}

export async function createPrivateEngine(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), directoryPrefix));
  const facts: EngineFacts = { ...(await claimAddresses()), ownerPid: process.pid };
  writeFileSync(join(directory, 'facts.json'), JSON.stringify(facts));
  await ignoringFailure(forwardRule('-I', facts));
  await startPrivateEngine(directory);
  return directory;
}

export async function startPrivateEngine(directory: string): Promise<void> {
  const facts = readFacts(directory);
  prepareNestedCgroups();
  for (const file of [dockerdPidFile, containerdPidFile]) removeDeadPid(join(directory, file));
  await ensureBridge(facts);
  const log = openSync(join(directory, 'log'), 'a');
  const child = spawn(findProgram('dockerd') ?? 'dockerd', engineArguments(directory, facts), {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  });
  closeSync(log);
  child.unref();
  const exited = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`dockerd ended (${code ?? signal})`)));
  });
  // After a good start nobody waits for its end any more.
  exited.catch(() => undefined);
  try {
    await Promise.race([untilAnswering(hostOf(directory)), exited]);
  } catch (cause) {
    const tail = readFileSync(join(directory, 'log'), 'utf8').split('\n').slice(-12).join('\n');
    throw new Error(`a private Docker Engine could not be started. The end of its log:\n${tail}`, { cause });
  }
}

/** Ends dockerd with the signal and waits until it is gone; having none running is fine. */
export async function endPrivateEngine(directory: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const pid = readPid(directory, dockerdPidFile);
  if (pid === undefined) return;
  process.kill(pid, signal);
  await untilEnded(directory, dockerdPidFile);
  // It dies with its parent, but a moment later; a dockerd started in between would take it for its own.
  const containerd = readPid(directory, containerdPidFile);
  if (containerd !== undefined) {
    process.kill(containerd, 'SIGKILL');
    await untilEnded(directory, containerdPidFile);
  }
}

async function untilEnded(directory: string, pidFile: string): Promise<void> {
  const deadline = Date.now() + stopTimeoutMs;
  while (readPid(directory, pidFile) !== undefined) {
    if (Date.now() > deadline) throw new Error(`the process of ${join(directory, pidFile)} does not end`);
    await sleep(50);
  }
}

/** Stops it and removes every trace: containers, processes, mounts, the bridge, the directory. */
export async function removePrivateEngine(directory: string): Promise<void> {
  const facts = readFacts(directory);
  // A dead dockerd is started once more, because only it knows the processes it left.
  if (readPid(directory, dockerdPidFile) === undefined && existsSync(join(directory, 'data', 'containers'))) {
    await ignoringFailure(startPrivateEngine(directory));
  }
  await removeAllContainers(hostOf(directory));
  const bridges = await networkBridges(hostOf(directory));
  await endPrivateEngine(directory, 'SIGTERM');
  for (const name of [facts.bridge, ...bridges]) await ignoringFailure(run('ip', ['link', 'delete', name]));
  await ignoringFailure(forwardRule('-D', facts));
  await unmountBelow(directory);
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Engines whose test run was killed. */
export async function removeLeftOverEngines(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(directoryPrefix))) {
    const directory = join(tmpdir(), name);
    if (!existsSync(join(directory, 'facts.json')) || isAlive(readFacts(directory).ownerPid)) continue;
    await ignoringFailure(removePrivateEngine(directory));
  }
}

function engineArguments(directory: string, facts: EngineFacts): string[] {
  return [
    ['--data-root', join(directory, 'data')],
    ['--exec-root', join(directory, 'exec')],
    ['--pidfile', join(directory, dockerdPidFile)],
    ['-H', hostOf(directory)],
    ['--bridge', facts.bridge],
    ['--default-address-pool', `base=${facts.addressPrefix}.0.0/16,size=24`],
    // A containerd of the machine may be there; our things stay apart in it.
    ['--containerd-namespace', basename(directory)],
    ['--iptables=false', '--ip6tables=false', '--ip-masq=false'],
  ].flat();
}

/**
 * Every dockerd that manages the packet filter flushes the chains of the others, so ours leaves it alone:
 * networks, DNS and published ports (by docker-proxy) work without. What is needed where the machine drops
 * forwarded packets is this one rule. (Networks are not isolated from each other then.)
 */
function forwardRule(action: '-I' | '-D', { addressPrefix }: EngineFacts): Promise<unknown> {
  const block = `${addressPrefix}.0.0/16`;
  const rule = ['--source', block, '--destination', block, '--jump', 'ACCEPT'];
  return run(findProgram('iptables') ?? 'iptables', ['--wait', '5', action, 'FORWARD', ...rule]);
}

async function ensureBridge(facts: EngineFacts): Promise<void> {
  // It is there already, unless an engine is started again after the machine was.
  await ignoringFailure(run('ip', ['link', 'add', 'name', facts.bridge, 'type', 'bridge']));
  const address = `${facts.addressPrefix}.255.1/24`;
  await run('ip', ['address', 'replace', address, 'dev', facts.bridge]);
  await run('ip', ['link', 'set', facts.bridge, 'up']);
}

/**
 * Addresses of which no other engine has any: two that start at once must not take the same. The kernel gives a name
 * to one bridge only, so the bridge is the claim. (os.networkInterfaces knows no bridge without a running container.)
 */
async function claimAddresses(): Promise<Pick<EngineFacts, 'bridge' | 'addressPrefix'>> {
  const { stdout } = await run('ip', ['-oneline', '-4', 'address']);
  const blocks = Array.from({ length: 100 }, (_, index) => 120 + index);
  let cause: unknown;
  for (const block of blocks.filter((each) => !stdout.includes(` 10.${each}.`))) {
    const bridge = `${bridgePrefix}${block}`;
    try {
      await run('ip', ['link', 'add', 'name', bridge, 'type', 'bridge']);
      return { bridge, addressPrefix: `10.${block}` };
    } catch (error) {
      cause = error;
    }
  }
  throw new Error('no bridge for a private Docker Engine', { cause });
}

async function untilAnswering(host: string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      const { status } = await requestEngine(host, 'GET', '/_ping', { timeoutMs: 2000 });
      if (status === 200) return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(50);
  }
}

async function removeAllContainers(host: string): Promise<void> {
  try {
    const containers = await askEngine<{ Id: string }[]>(host, 'GET', '/containers/json?all=1');
    await Promise.all(
      containers.map(({ Id }) => requestEngine(host, 'DELETE', `/containers/${Id}?force=1&v=1`)),
    );
  } catch {
    // It does not answer: there is nobody left to remove them.
  }
}

async function networkBridges(host: string): Promise<string[]> {
  try {
    const networks = await askEngine<{ Id: string; Driver: string; Name: string }[]>(
      host,
      'GET',
      '/networks',
    );
    return networks
      .filter(({ Driver, Name }) => Driver === 'bridge' && Name !== 'bridge')
      .map(({ Id }) => `br-${Id.slice(0, 12)}`);
  } catch {
    return [];
  }
}

async function unmountBelow(directory: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${directory}/`));
  for (const path of mounts.toReversed()) await ignoringFailure(run('umount', ['--lazy', path]));
}

function readFacts(directory: string): EngineFacts {
  return JSON.parse(readFileSync(join(directory, 'facts.json'), 'utf8')) as EngineFacts;
}

/** The pid of a running process of this directory. A number that by now means another process is none. */
function readPid(directory: string, pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(directory, pidFile), 'utf8'));
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * After a SIGKILL, the engine takes the pids in its own files for living processes where process 1 does not
 * reap its children, and then refuses to start or waits for its containerd in vain.
 */
function removeDeadPid(pidFile: string): void {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const isZombie = isAlive(pid) && readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  if (isZombie || !isAlive(pid)) unlinkSync(pidFile);
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

async function ignoringFailure(attempt: Promise<unknown>): Promise<void> {
  await attempt.catch(() => undefined);
}
