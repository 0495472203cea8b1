// What it costs to look at a host on which nothing has happened: the loop on our own adapter and a real engine, with
// stacks of ten containers, against the four lists asked for directly.
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import type { CycleReport } from '#domain/outcome.ts';
import { testOwner } from '#test/support/builders.ts';
import { cpuTimeMs } from '#test/support/cpu-time.ts';
import { askEngine } from '#test/support/engine-request.ts';
import { openLiveHost } from '#test/support/live-host.ts';
import { loadFiles, openPolicy } from '#test/support/manifest-input.ts';
import { startReconciler } from '#test/support/start-reconciler.ts';
import { alternate, median, timeMs } from './alternate.ts';
import { type BenchHost, webServices } from './bench-host.ts';
import { openBareEngine } from './direct-calls.ts';
import type { BenchOptions, Figure } from './figure.ts';

const containersPerStack = 10;
const goalCalls = 4;
const lists = ['/containers/json?all=1', '/networks', '/volumes', '/images/json'];

type Look = { readonly tookMs: number; readonly computedMs: number; readonly calls: number };

/** The loop with so many containers, converged and at rest. */
async function openLoop(host: string, containerCount: number) {
  const live = openLiveHost(host, testOwner);
  const stackCount = containerCount / containersPerStack;
  const stopping = new AbortController();
  let calls = 0;
  let reports: CycleReport[] = [];
  let tell = (): void => undefined;
  const engine = openBareEngine(host, () => {
    calls += 1;
  });
  const { loop, watch, running } = startReconciler({
    engine,
    clock: createSystemClock(),
    git: {
      fetch: async () => ({ revision: 'main@sha1:0', tree: undefined as never }),
      lastFetched: async () => undefined,
      discard: async () => undefined,
    },
    load: () => loadFiles(declare(stackCount), openPolicy),
    stopping: stopping.signal,
    pollMs: 3_600_000,
    cycleEnded: (report) => {
      reports.push(report);
      tell();
    },
  });

  async function look(): Promise<Look> {
    const { promise, resolve } = Promise.withResolvers<void>();
    [calls, reports] = [0, []];
    tell = () => {
      if (reports.length === stackCount) resolve();
    };
    const computedBeforeMs = cpuTimeMs();
    const tookMs = await timeMs(() => {
      loop.trigger('timer');
      return promise;
    });
    tell = () => undefined;
    if (reports.some(({ result, outcomes }) => result !== 'converged' || outcomes.length > 0)) {
      throw new Error('it was no cycle in which nothing happened');
    }
    return { tookMs, computedMs: cpuTimeMs() - computedBeforeMs, calls };
  }

  async function untilAtRest(): Promise<void> {
    const endsAtMs = performance.now() + 300_000;
    const converged = new Set<string>();
    while (converged.size < stackCount) {
      const isLate = performance.now() > endsAtMs;
      if (isLate) throw new Error(`${converged.size} of ${stackCount} stacks converged`);
      await sleep(500);
      for (const { stack, result } of reports) if (result === 'converged') converged.add(stack);
    }
    // The second look after the last event.
    await sleep(3000);
  }

  await watch.fetchNow();
  await untilAtRest();
  return {
    look,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
      engine.close();
      await live.clean();
    },
  };
}

function declare(stackCount: number): Readonly<Record<string, string>> {
  const file = webServices(containersPerStack);
  return Object.fromEntries(
    Array.from({ length: stackCount }, (_, index) => [`apps/many-${index}/compose.yaml`, file]),
  );
}

async function measureSize(host: string, count: number, rounds: number): Promise<readonly Figure[]> {
  await using loop = await openLoop(host, count);
  const looks: Look[] = [];
  const { a, b, ratio } = await alternate(rounds, {
    a: () => timeMs(() => Promise.all(lists.map((path) => askEngine(host, 'GET', path)))),
    b: async () => {
      const look = await loop.look();
      looks.push(look);
      return look.tookMs;
    },
  });
  const what = `${count} containers in ${count / containersPerStack} stacks`;
  return [
    { what: `${what}: the four lists, asked for directly`, value: a, unit: 'ms' },
    { what: `${what}: all cycles, nothing to do`, value: b, unit: 'ms' },
    { what: `${what}: to the lists alone`, value: ratio, unit: '' },
    {
      what: `${what}: processor time of it`,
      value: median(looks.map(({ computedMs }) => computedMs)),
      unit: 'ms',
    },
    {
      what: `${what}: calls to the engine`,
      value: Math.max(...looks.map(({ calls }) => calls)),
      unit: 'calls',
      bound: goalCalls,
    },
  ];
}

export async function measure({ engine }: BenchHost, { quick }: BenchOptions): Promise<readonly Figure[]> {
  const sizes = quick ? [10, 100] : [10, 100, 300];
  const figures: Figure[] = [];
  for (const size of sizes) figures.push(...(await measureSize(engine, size, quick ? 5 : 15)));
  const limitedBy = 'the engine, which makes up the list of containers, and parsing it';
  return figures.map((figure, index) => (index === figures.length - 1 ? { ...figure, limitedBy } : figure));
}
