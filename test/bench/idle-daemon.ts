// What the daemon as it is shipped takes while nothing happens: 100 containers, a state repo over HTTP, and every
// setting at its default.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGitServer } from '#test/support/git-server.ts';
import { eventually } from '#test/support/test-daemon.ts';
import { median } from './alternate.ts';
import { type BenchHost, webServices } from './bench-host.ts';
import type { BenchOptions, Figure } from './figure.ts';

const appCount = 10;
const servicesPerApp = 10;
const goalMb = 90;
const goalPercent = 0.5;
const restMs = 10_000;
const sampleMs = 5_000;
const convergeMs = 240_000;
/** Of the kernel's clock, in which it counts processor time: USER_HZ is 100 wherever Linux runs. */
const tickMs = 10;

async function readMemoryMb(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}

/** All threads, in the program and in the kernel. */
async function readCpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

export async function measure(host: BenchHost, { quick }: BenchOptions): Promise<readonly Figure[]> {
  const watchedMs = quick ? 30_000 : 300_000;
  await using site = await host.openSite();
  const apps = Array.from({ length: appCount }, (_, index) => [
    `apps/idle-${index}/compose.yaml`,
    webServices(servicesPerApp),
  ]);
  await site.repo.commit(Object.fromEntries(apps));
  const server = await startGitServer({ root: site.repo.root });
  await using after = new AsyncDisposableStack();
  after.defer(() => server.close());
  const daemon = await site.start({
    repoUrl: `${server.url}/state.git`,
    env: { SHOREFAST_REPO__INTERVAL: '60s' },
  });
  await eventually(async () => {
    const { stacks } = await daemon.stacks();
    return stacks.length === appCount && stacks.every(({ result }) => result === 'converged');
  }, convergeMs);
  await sleep(restMs);

  const cpuBeforeMs = await readCpuMs(daemon.pid);
  const startedAtMs = performance.now();
  const samplesMb: number[] = [];
  while (performance.now() - startedAtMs < watchedMs) {
    await sleep(sampleMs);
    samplesMb.push(await readMemoryMb(daemon.pid, 'VmRSS'));
  }
  const cpuMs = (await readCpuMs(daemon.pid)) - cpuBeforeMs;
  const percent = (100 * cpuMs) / (performance.now() - startedAtMs);
  const over = `over ${watchedMs / 60_000} min`;
  const count = appCount * servicesPerApp;
  return [
    {
      what: `memory at rest with ${count} containers, resident, median ${over}`,
      value: median(samplesMb),
      unit: 'MB',
      bound: goalMb,
    },
    { what: `the most of it ${over}`, value: Math.max(...samplesMb), unit: 'MB', bound: goalMb },
    {
      what: 'the most ever, with the first converge of them all',
      value: await readMemoryMb(daemon.pid, 'VmHWM'),
      unit: 'MB',
      limitedBy: 'Node itself (41 MB doing nothing) and the code of the libraries; 100 containers add 6 MB',
    },
    { what: `processor time ${over}`, value: cpuMs, unit: 'ms' },
    {
      what: 'of one processor',
      value: percent,
      unit: '%',
      bound: goalPercent,
      limitedBy: 'asking Git once a minute, and what the runtime does by itself',
    },
  ];
}
