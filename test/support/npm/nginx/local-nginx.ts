import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureFiles, ensurePrograms, findProgram } from '../../debian-packages.ts';
import { findFreePorts } from '../../free-port.ts';
import { createExternalNginx, type NginxCommands } from './external-nginx.ts';
import { dataDirectories, listMainFiles } from './main-config.ts';
import { type Nginx, recordedOptions } from './nginx.ts';

const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so';
const startTimeoutMs = 10_000;

/** A real nginx on this machine, on two free ports of the loopback address, for `startNpm({ nginx })`. */
export type LocalNginx = AsyncDisposable & {
  readonly nginx: Nginx;
  readonly httpPort: number;
  readonly httpsPort: number;
};

/** Its data lie in a directory of their own, where a test may look. Returns once it answers. */
export async function startLocalNginx(): Promise<LocalNginx> {
  await ensurePrograms({ nginx: 'nginx' });
  await ensureFiles({ [streamModule]: 'libnginx-mod-stream' });
  const program = findProgram('nginx') ?? 'nginx';
  const directory = await mkdtemp(join(tmpdir(), 'shorefast-nginx-'));
  // Its workers are nobody, and read the passwords of access lists.
  await chmod(directory, 0o755);
  const [httpPort = 0, httpsPort = 0] = await findFreePorts(2);
  const options = {
    ...recordedOptions,
    dataPath: directory,
    letsencryptPath: join(directory, 'letsencrypt'),
    includePath: join(directory, 'include'),
    httpPort,
    httpsPort,
    ipv6: false,
    http2: 'listen' as const,
  };
  await writeMainFiles(directory, {
    ...options,
    pidPath: join(directory, 'nginx.pid'),
    temporaryPath: directory,
    streamModule,
  });
  const child = await startProcess(program, directory, httpPort);
  return {
    nginx: createExternalNginx(createCommands(program, directory, child), options),
    httpPort,
    httpsPort,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function writeMainFiles(
  directory: string,
  options: Parameters<typeof listMainFiles>[0],
): Promise<void> {
  for (const name of [...dataDirectories, 'include']) await mkdir(join(directory, name), { recursive: true });
  const files = listMainFiles(options);
  for (const [path, content] of Object.entries(files)) {
    await writeFile(join(directory, path.replace(directory, '')), content);
  }
}

function createCommands(program: string, directory: string, child: ChildProcess): NginxCommands {
  return {
    async apply(changes) {
      for (const [path, text] of changes) {
        await mkdir(dirname(path), { recursive: true });
        await (text === undefined ? rm(path, { force: true }) : writeFile(path, text));
      }
    },
    test: () =>
      new Promise((resolve) => {
        // With a log of its own it tells stderr no time, as in the recordings.
        const args = ['-e', join(directory, 'logs/test.log'), '-t', '-q', ...pathArguments(directory)];
        execFile(program, args, (error, _stdout, stderr) => resolve({ isValid: error === null, stderr }));
      }),
    async reload() {
      child.kill('SIGHUP');
    },
  };
}

async function startProcess(program: string, directory: string, port: number): Promise<ChildProcess> {
  const child = spawn(program, ['-e', 'stderr', ...pathArguments(directory)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    told = `${told}${chunk.toString()}`.slice(-4000);
  });
  const deadlineMs = Date.now() + startTimeoutMs;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > deadlineMs) throw new Error(`nginx did not start: ${told}`);
    await sleep(20);
  }
  return child;
}

function pathArguments(directory: string): string[] {
  return ['-p', directory, '-c', join(directory, 'nginx.conf')];
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
