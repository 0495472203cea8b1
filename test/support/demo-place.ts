// Where the demo keeps its things, and what it has to remember so that `make demo-clean` finds every trace.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isolatedGitEnvironment } from './state-repo.ts';

const execute = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const directory = join(root, '.demo');

export const demo = {
  root,
  directory,
  /** The bare repository that the daemon follows. */
  repo: join(directory, 'state.git'),
  /** The clone to commit in. */
  clone: join(directory, 'state'),
  data: join(directory, 'data'),
  log: join(directory, 'daemon.log'),
  pidFile: join(directory, 'pid'),
  examples: join(root, 'examples/desired-state'),
  /** Its own for every checkout, so that two demos on one engine leave each other alone. */
  owner: `demo-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`,
} as const;

export type DemoMemory = {
  readonly engine: { readonly host: string; readonly directory?: string | undefined };
  /** Image ids by the name that a stand-in was loaded under. */
  readonly standIns: Readonly<Record<string, string>>;
};

const memoryFile = join(directory, 'demo.json');

export function readDemoMemory(): DemoMemory | undefined {
  return existsSync(memoryFile) ? (JSON.parse(readFileSync(memoryFile, 'utf8')) as DemoMemory) : undefined;
}

export async function writeDemoMemory(memory: DemoMemory): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(memoryFile, `${JSON.stringify(memory, undefined, 2)}\n`);
}

/** The pid of a demo of this checkout that is running now. */
export function findRunningDemo(): number | undefined {
  try {
    const pid = Number(readFileSync(demo.pidFile, 'utf8'));
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('demo.ts') ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** A bare repository with the examples as its first commit, and a clone; an earlier one stays as it is. */
export async function ensureDemoRepo(): Promise<void> {
  if (existsSync(demo.clone)) return;
  await mkdir(demo.data, { recursive: true });
  await git(directory, 'init', '-q', '--bare', '-b', 'main', demo.repo);
  await cp(demo.examples, demo.clone, { recursive: true });
  await git(demo.clone, 'init', '-q', '-b', 'main');
  // So that one can commit here without any Git settings of one's own.
  await git(demo.clone, 'config', 'user.name', 'Demo');
  await git(demo.clone, 'config', 'user.email', 'demo@example.com');
  await git(demo.clone, 'remote', 'add', 'origin', demo.repo);
  await git(demo.clone, 'add', '-A');
  await git(demo.clone, 'commit', '-q', '-m', 'The examples');
  await git(demo.clone, 'push', '-q', '-u', 'origin', 'main');
}

async function git(cwd: string, ...args: readonly string[]): Promise<void> {
  await execute('git', args, { cwd, env: isolatedGitEnvironment(directory), timeout: 60_000 });
}
