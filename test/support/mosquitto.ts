// A real broker: Debian's, unpacked and not installed, because the package would start it as a service.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findProgram } from './debian-packages.ts';
import { findFreePort } from './free-port.ts';

const run = promisify(execFile);
const packages = ['mosquitto', 'libmosquitto1', 'libcjson1', 'libdlt2', 'libwrap0'];

export type Broker = AsyncDisposable & { readonly port: number };

/** `settings` are lines of its configuration beside the port. */
export async function startBroker(settings: readonly string[] = ['allow_anonymous true']): Promise<Broker> {
  const directory = await mkdtemp(join(tmpdir(), 'shorefast-mosquitto-'));
  const installed = findProgram('mosquitto');
  const program = installed ?? join(await unpack(directory), 'usr/sbin/mosquitto');
  const port = await findFreePort();
  const lines = [`listener ${port} 127.0.0.1`, 'user root', 'log_dest stderr', ...settings, ''];
  await writeFile(join(directory, 'broker.conf'), lines.join('\n'));
  const child = spawn(program, ['-c', join(directory, 'broker.conf')], {
    env: {
      ...process.env,
      ...(installed === undefined && { LD_LIBRARY_PATH: await findLibraries(directory) }),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  for (let look = 0; look < 200 && !said.includes('running'); look += 1) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended: ${said}`);
    await sleep(50);
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) {
        child.kill();
        await once(child, 'exit');
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function unpack(directory: string): Promise<string> {
  const download = () =>
    run('apt-get', ['-qq', 'download', ...packages], { cwd: directory, timeout: 120_000 });
  await download().catch(async () => {
    // A fresh machine has no package lists.
    await run('apt-get', ['-qq', 'update'], { timeout: 120_000 });
    await download();
  });
  const root = join(directory, 'root');
  for (const name of await readdir(directory)) {
    if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', join(directory, name), root]);
  }
  return root;
}

async function findLibraries(directory: string): Promise<string> {
  const library = join(directory, 'root/usr/lib');
  const triplets = (await readdir(library)).filter((name) => name.endsWith('-linux-gnu'));
  return triplets.flatMap((name) => [join(library, name), join(directory, 'root/lib', name)]).join(':');
}
