// From `docker rm -f` of a container to its successor running, against removing, creating and starting it by hand.
import { setTimeout as sleep } from 'node:timers/promises';
import { askEngine } from '#test/support/engine-request.ts';
import { openLiveHost } from '#test/support/live-host.ts';
import { alternate } from './alternate.ts';
import { type BenchHost, webServices } from './bench-host.ts';
import { readDirectCalls } from './direct-calls.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { type Starts, watchStarts } from './watch-starts.ts';

const goalMs = 100;
/** What was done is looked at once more, a second later; each round is to find the daemon at rest. */
const restMs = 1500;

export async function measure(
  { engine, openSite }: BenchHost,
  { quick }: BenchOptions,
): Promise<readonly Figure[]> {
  // Each container is removed once: what is needed again at once is taken for a step without effect, and put off.
  const rounds = quick ? 5 : 15;
  const compose = webServices(rounds);
  await using site = await openSite();
  const daemon = await site.start();
  const commit = await site.repo.commit({ 'apps/healed/compose.yaml': compose });
  await daemon.reconcile();
  await daemon.converged(commit, 'healed');

  const handOwner = `${site.owner}-direct`;
  await using after = new AsyncDisposableStack();
  after.defer(() => openLiveHost(engine, handOwner).clean());
  using direct = await readDirectCalls(engine, { name: 'byhand', compose, owner: handOwner });
  await direct.makeNetworks();
  await direct.makeContainers(4);

  using handStarts = await watchStarts(engine, handOwner);
  using ownStarts = await watchStarts(engine, site.owner);
  const names = Object.keys(await site.live.ids());
  const handNames = [...direct.names];
  const { a, b, difference } = await alternate(rounds, {
    a: () => timeRemoval(engine, handNames.pop(), handStarts, (name) => direct.makeContainer(name)),
    b: () => timeRemoval(engine, names.pop(), ownStarts, async () => undefined),
  });
  return [
    { what: 'a container removed, created and started by hand', value: a, unit: 'ms' },
    { what: 'a container removed by hand, and running again by itself', value: b, unit: 'ms' },
    {
      what: 'what healing takes longer than doing it by hand',
      value: difference,
      unit: 'ms',
      bound: goalMs,
      limitedBy: 'the look at the host before anything is done (four lists)',
    },
  ];
}

async function timeRemoval(
  engine: string,
  name = '',
  starts: Starts,
  makeAgain: (name: string) => Promise<void>,
): Promise<number> {
  await sleep(restMs);
  starts.forget();
  const startedAtMs = performance.now();
  await askEngine(engine, 'DELETE', `/containers/${name}?force=1`);
  await makeAgain(name);
  return (await starts.nth(1)) - startedAtMs;
}
