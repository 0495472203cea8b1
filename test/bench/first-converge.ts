// From a push of 24 services that do not need each other to the last of them running, against the same calls made
// directly. Both sides end when the engine tells of the last start.
import { openLiveHost } from '#test/support/live-host.ts';
import { alternate, median } from './alternate.ts';
import { type BenchHost, type BenchSite, webServices } from './bench-host.ts';
import { readDirectCalls } from './direct-calls.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { watchStarts } from './watch-starts.ts';

const serviceCount = 24;
const goalRatio = 1.05;
const concurrencies = [2, 3, 4, 6, 8, 16, 24];
const compose = webServices(serviceCount);
const nothing = 'apiVersion: shorefast/v1\nkind: Fleet\nspec: { allowEmpty: true }\n';

type DirectSide = AsyncDisposable & { readonly timeMs: (concurrency: number) => Promise<number> };

async function openDirectSide(engine: string, owner: string): Promise<DirectSide> {
  const live = openLiveHost(engine, owner);
  const calls = await readDirectCalls(engine, { name: 'first', compose, owner });
  const starts = await watchStarts(engine, owner);
  return {
    async timeMs(concurrency) {
      starts.forget();
      const startedAtMs = performance.now();
      await calls.makeNetworks();
      await calls.makeContainers(concurrency);
      const endedAtMs = await starts.nth(serviceCount);
      await live.clean();
      return endedAtMs - startedAtMs;
    },
    async [Symbol.asyncDispose]() {
      starts[Symbol.dispose]();
      calls[Symbol.dispose]();
      await live.clean();
    },
  };
}

async function findBestConcurrency(direct: DirectSide, rounds: number): Promise<number> {
  const times = concurrencies.map((concurrency) => ({ concurrency, tookMs: [] as number[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { concurrency, tookMs } of times) tookMs.push(await direct.timeMs(concurrency));
  }
  const [best] = times.toSorted((a, b) => median(a.tookMs) - median(b.tookMs));
  return best?.concurrency ?? 1;
}

/** A daemon that had nothing to do until now is told of the push. */
async function timeConvergence(engine: string, { repo, live, owner, start }: BenchSite): Promise<number> {
  await repo.commit({ 'fleet.yaml': nothing, 'apps/first/compose.yaml': null });
  const daemon = await start();
  using starts = await watchStarts(engine, owner);
  const commit = await repo.commit({ 'apps/first/compose.yaml': compose });
  const startedAtMs = performance.now();
  await daemon.reconcile();
  const endedAtMs = await starts.nth(serviceCount);
  await daemon.converged(commit, 'first');
  await daemon.end();
  await live.clean();
  return endedAtMs - startedAtMs;
}

export async function measure(host: BenchHost, { quick }: BenchOptions): Promise<readonly Figure[]> {
  await using site = await host.openSite();
  await using direct = await openDirectSide(host.engine, `${site.owner}-direct`);
  const concurrency = await findBestConcurrency(direct, quick ? 1 : 3);
  const { a, b, ratio } = await alternate(quick ? 3 : 15, {
    a: () => direct.timeMs(concurrency),
    b: () => timeConvergence(host.engine, site),
  });
  return [
    { what: `the same calls made directly, ${concurrency} at once (the best)`, value: a, unit: 'ms' },
    { what: `push of ${serviceCount} services to the last one running`, value: b, unit: 'ms' },
    {
      what: 'first converge, to the calls made directly',
      value: ratio,
      unit: '',
      bound: goalRatio,
      limitedBy: 'the engine; before it can begin, the commit is fetched, read and planned (40 ms)',
    },
  ];
}
