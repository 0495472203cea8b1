// `make demo-clean`: removes every trace of the demo, and nothing else.
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownerLabel } from '#domain/labels.ts';
import { demo, findRunningDemo, readDemoMemory } from './demo-place.ts';
import { attachEngine } from './engine.ts';
import { askEngine, requestEngine } from './engine-request.ts';
import { findImageId } from './images.ts';

async function stopRunningDemo(): Promise<void> {
  const pid = findRunningDemo();
  if (pid === undefined) return;
  process.kill(pid, 'SIGTERM');
  for (let look = 0; look < 200 && findRunningDemo() !== undefined; look += 1) await sleep(100);
  if (findRunningDemo() !== undefined) throw new Error(`the demo, process ${pid}, does not end`);
}

/** On somebody's own engine: what carries our owner label, and the stand-ins if they still are ours. */
async function removeFromEngine(host: string, standIns: Readonly<Record<string, string>>): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${ownerLabel}=${demo.owner}`] }));
  const containers = await askEngine<{ Id: string }[]>(
    host,
    'GET',
    `/containers/json?all=1&filters=${filters}`,
  );
  for (const { Id } of containers) await remove(host, `/containers/${Id}?force=1&v=1`);
  const networks = await askEngine<{ Id: string }[]>(host, 'GET', `/networks?filters=${filters}`);
  for (const { Id } of networks) await remove(host, `/networks/${Id}`);
  const { Volumes } = await askEngine<{ Volumes: { Name: string }[] | null }>(
    host,
    'GET',
    `/volumes?filters=${filters}`,
  );
  for (const { Name } of Volumes ?? []) await remove(host, `/volumes/${Name}`);
  for (const [name, id] of Object.entries(standIns)) {
    if ((await findImageId(host, name)) === id) await remove(host, `/images/${name}`);
  }
}

async function remove(host: string, path: string): Promise<void> {
  const { status, body } = await requestEngine(host, 'DELETE', path);
  if (status >= 300 && status !== 404) throw new Error(`DELETE ${path}: ${status} ${body.trim()}`);
}

await stopRunningDemo();
const memory = readDemoMemory();
if (memory !== undefined) {
  const { host, directory } = memory.engine;
  if (directory === undefined) await removeFromEngine(host, memory.standIns);
  else if (existsSync(directory)) await attachEngine({ host, directory }).close();
}
await rm(demo.directory, { recursive: true, force: true });
process.stdout.write('Nothing of the demo is left.\n');
