// The real program as a child process, and what a test asks of it over its API.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StackListView, StackView, StatusView } from '#contract/status.ts';
import { findFreePort } from './free-port.ts';

export type DaemonOptions = {
  readonly repoUrl: string;
  readonly engineHost: string;
  /** Kept when given, made and removed otherwise. */
  readonly dataDirectory?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The source by default. */
  readonly program?: string;
  readonly nodeFlags?: readonly string[];
};

export type TestDaemon = {
  readonly url: string;
  readonly pid: number;
  readonly dataDirectory: string;
  status(): Promise<StatusView>;
  stacks(): Promise<StackListView>;
  stack(name: string): Promise<StackView | undefined>;
  /** As a webhook would: fetch now, then look. */
  reconcile(body?: { stack?: string; approvePrune?: string }): Promise<void>;
  /** Until all these stacks have converged at this revision; without stacks: all that there are. */
  converged(commit: string, ...stacks: readonly string[]): Promise<void>;
  /** Everything it has printed. */
  output(): string;
  /** Sends the signal and gives the exit code, or the signal that ended it. */
  end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
};

const source = join(import.meta.dirname, '../../src/app/main.ts');

/** Returns once the API answers. */
export async function startDaemon(options: DaemonOptions): Promise<TestDaemon> {
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'shorefast-data-')));
  const port = await findFreePort();
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), options.program ?? source, 'run'], {
    env: {
      PATH: process.env['PATH'],
      HOME: dataDirectory,
      SHOREFAST_REPO__URL: options.repoUrl,
      SHOREFAST_DOCKER__HOST: options.engineHost,
      SHOREFAST_DATA_DIRECTORY: dataDirectory,
      SHOREFAST_API__PORT: String(port),
      SHOREFAST_REPO__INTERVAL: '1h',
      SHOREFAST_LOG__FORMAT: 'json',
      SHOREFAST_LOG__LEVEL: 'debug',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += String(chunk)));
  const url = `http://127.0.0.1:${port}`;
  const daemon = toDaemon(child, {
    url,
    dataDirectory,
    printed: () => printed,
    ownsData: options.dataDirectory === undefined,
  });
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}:\n${printed}`);
    return (await fetch(`${url}/healthz`)).ok;
  }, 20_000);
  return daemon;
}

type Facts = {
  readonly url: string;
  readonly dataDirectory: string;
  readonly printed: () => string;
  readonly ownsData: boolean;
};

function toDaemon(child: ChildProcess, { url, dataDirectory, printed, ownsData }: Facts): TestDaemon {
  async function get<T>(path: string): Promise<T | undefined> {
    const response = await fetch(`${url}${path}`);
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
  async function must<T>(path: string): Promise<T> {
    const found = await get<T>(path);
    if (found === undefined) throw new Error(`${path}: not found`);
    return found;
  }
  return {
    url,
    pid: child.pid ?? 0,
    dataDirectory,
    status: () => must<StatusView>('/api/v1/status'),
    stacks: () => must<StackListView>('/api/v1/stacks'),
    stack: (name) => get<StackView>(`/api/v1/stacks/${name}`),
    async reconcile(body = {}) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/api/v1/reconcile`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      if (response.status !== 202) throw new Error(`reconcile: ${response.status} ${await response.text()}`);
    },
    async converged(commit, ...names) {
      let last: StackListView = { stacks: [] };
      const isDone = async (): Promise<boolean> => {
        last = await must<StackListView>('/api/v1/stacks');
        const stacks = last.stacks.filter((stack) => names.length === 0 || names.includes(stack.name));
        const enough = names.length === 0 ? stacks.length > 0 : stacks.length === names.length;
        return (
          enough && stacks.every((stack) => stack.revision.endsWith(commit) && stack.result === 'converged')
        );
      };
      await eventually(isDone, 40_000, () => `not converged: ${JSON.stringify(last.stacks, null, 1)}`);
    },
    output: printed,
    async end(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await once(child, 'exit');
      }
      if (process.env['SHOREFAST_TEST_OUTPUT']) process.stderr.write(printed());
      if (ownsData) await rm(dataDirectory, { recursive: true, force: true });
      return child.exitCode ?? child.signalCode;
    },
  };
}

/** Looks every 50 ms until the answer is true; refusals to connect count as not yet. */
export async function eventually(
  look: () => Promise<boolean>,
  timeoutMs = 30_000,
  describe: () => string = () => 'it did not come about',
): Promise<void> {
  const endsAtMs = Date.now() + timeoutMs;
  let fault: unknown;
  while (Date.now() < endsAtMs) {
    try {
      if (await look()) return;
      fault = undefined;
    } catch (error) {
      fault = error;
    }
    await sleep(50);
  }
  throw new Error(`${describe()} (within ${timeoutMs} ms)`, { cause: fault });
}
