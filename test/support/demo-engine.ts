import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DemoMemory, readDemoMemory } from './demo-place.ts';
import { attachEngine, openEngine } from './engine.ts';
import { requestEngine } from './engine-request.ts';

/** The engine of an earlier demo if there is one, started again if need be; else one found or started. */
export async function openDemoEngine(): Promise<DemoMemory['engine']> {
  const earlier = readDemoMemory()?.engine;
  if (earlier?.directory !== undefined && existsSync(earlier.directory)) {
    const engine = attachEngine({ host: earlier.host, directory: earlier.directory });
    if (!(await answers(engine.host))) await engine.restart?.();
    keepEngine(earlier.directory);
    return earlier;
  }
  const { host, directory } = await openEngine();
  if (directory !== undefined) keepEngine(directory);
  return { host, directory };
}

/** The engine outlives the demo, so it belongs to dockerd itself: a test run takes it for left over otherwise. */
function keepEngine(directory: string): void {
  const file = join(directory, 'facts.json');
  const facts = JSON.parse(readFileSync(file, 'utf8')) as object;
  const ownerPid = Number(readFileSync(join(directory, 'docker.pid'), 'utf8'));
  writeFileSync(file, JSON.stringify({ ...facts, ownerPid }));
}

/** Whether the engine can ask the registry of the image for it. */
export async function canPull(host: string, image: string): Promise<boolean> {
  try {
    const { status } = await requestEngine(host, 'GET', `/distribution/${image}/json`, { timeoutMs: 15_000 });
    return status === 200;
  } catch {
    return false;
  }
}

export async function readEngineVersion(host: string): Promise<string> {
  const { body } = await requestEngine(host, 'GET', '/version');
  return (JSON.parse(body) as { Version: string }).Version;
}

async function answers(host: string): Promise<boolean> {
  try {
    return (await requestEngine(host, 'GET', '/_ping', { timeoutMs: 5000 })).status === 200;
  } catch {
    return false;
  }
}
