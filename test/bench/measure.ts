// What the program costs, on a real engine: `npm run bench`. The numbers are for comparing one revision of it
// with another on one machine.
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEngine } from '#test/support/engine.ts';
import { askEngine, requestEngine } from '#test/support/engine-request.ts';
import { loadTestImages } from '#test/support/images.ts';
import { openLiveHost } from '#test/support/live-host.ts';
import { createStateRepo } from '#test/support/state-repo.ts';
import { eventually, startDaemon } from '#test/support/test-daemon.ts';

const bundle = join(import.meta.dirname, '../../dist/shorefast.mjs');
const rounds = 10;
const owner = 'shorefast-bench';

function print(what: string, value: string): void {
  process.stdout.write(`${what.padEnd(64)} ${value}\n`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function timeMs(work: () => unknown): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
}

function compose(value: string, replicas = 1): string {
  return [
    'services:',
    '  web:',
    '    image: shorefast-test/web:1',
    '    restart: unless-stopped',
    `    environment: { VALUE: "${value}" }`,
    `    deploy: { replicas: ${replicas} }`,
    '',
  ].join('\n');
}

/** What the engine itself takes to create and start the same container. */
async function bareStartMs(host: string): Promise<number> {
  const body = { Image: 'shorefast-test/web:1', Labels: { 'shorefast.owner': owner } };
  let id = '';
  const tookMs = await timeMs(async () => {
    id = (await askEngine<{ Id: string }>(host, 'POST', '/containers/create', body)).Id;
    await askEngine(host, 'POST', `/containers/${id}/start`);
  });
  await requestEngine(host, 'DELETE', `/containers/${id}?force=1`);
  return tookMs;
}

async function rssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

const engine = await openEngine();
const repo = await createStateRepo();
const live = openLiveHost(engine.host, owner);
try {
  const versions = [];
  for (let round = 0; round < rounds; round += 1) {
    versions.push(await timeMs(() => execFileSync(process.execPath, [bundle, 'version'])));
  }
  print('shorefast version, start to end', `${median(versions).toFixed(0)} ms`);

  await loadTestImages(engine.host);
  const path = 'apps/bench/compose.yaml';
  const first = await repo.commit({ [path]: compose('0') });
  const daemon = await startDaemon({
    program: bundle,
    repoUrl: repo.directory,
    engineHost: engine.host,
    env: { SHOREFAST_OWNER: owner, SHOREFAST_LOG__LEVEL: 'info' },
  });
  await daemon.converged(first, 'bench');

  const pushes = [];
  for (let round = 1; round <= rounds; round += 1) {
    const commit = await repo.commit({ [path]: compose(String(round)) });
    const isReplaced = async (): Promise<boolean> => {
      const containers = await live.containers();
      const { [0]: candidate } = containers.filter((each) =>
        each.labels['shorefast.revision']?.endsWith(commit),
      );
      return candidate?.state === 'running';
    };
    pushes.push(
      await timeMs(async () => {
        await daemon.reconcile();
        await eventually(isReplaced, 20_000);
      }),
    );
    await daemon.converged(commit, 'bench');
  }
  print(
    'reconcile call after a push to the new container running (median)',
    `${median(pushes).toFixed(0)} ms`,
  );
  const bare = [];
  for (let round = 0; round < rounds; round += 1) bare.push(await bareStartMs(engine.host));
  print('bare create and start on the same engine (median)', `${median(bare).toFixed(0)} ms`);

  const many = await repo.commit({ [path]: compose('many', 50) });
  await daemon.reconcile();
  await daemon.converged(many, 'bench');
  await sleep(3000);
  print('memory with 50 containers, RSS', `${(await rssMb(daemon.pid)).toFixed(0)} MB`);
  await daemon.end();
} finally {
  await live.clean();
  await engine.close();
  await repo.remove();
}
