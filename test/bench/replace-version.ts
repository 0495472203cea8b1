// From a push of a new version to its container running, against creating and starting one by hand. No bound: what
// the state repo takes to be fetched depends on where it is.
import { askEngine } from '#test/support/engine-request.ts';
import { openLiveHost } from '#test/support/live-host.ts';
import { alternate } from './alternate.ts';
import { type BenchHost, webServices } from './bench-host.ts';
import { readDirectCalls } from './direct-calls.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { watchStarts } from './watch-starts.ts';

export async function measure(
  { engine, openSite }: BenchHost,
  { quick }: BenchOptions,
): Promise<readonly Figure[]> {
  await using site = await openSite();
  const daemon = await site.start();
  const handOwner = `${site.owner}-direct`;
  await using after = new AsyncDisposableStack();
  after.defer(() => openLiveHost(engine, handOwner).clean());
  using direct = await readDirectCalls(engine, { name: 'byhand', compose: webServices(1), owner: handOwner });
  await direct.makeNetworks();
  using handStarts = await watchStarts(engine, handOwner);
  using ownStarts = await watchStarts(engine, site.owner);
  const push = (value: number) =>
    site.repo.commit({
      'apps/pushed/compose.yaml': webServices(1).replace('NUMBER: "0"', `NUMBER: "${value}"`),
    });
  const commit = await push(0);
  await daemon.reconcile();
  await daemon.converged(commit, 'pushed');

  let value = 0;
  const { a, b, difference } = await alternate(quick ? 3 : 9, {
    a: async () => {
      const [name = ''] = direct.names;
      handStarts.forget();
      const startedAtMs = performance.now();
      await direct.makeContainer(name);
      const tookMs = (await handStarts.nth(1)) - startedAtMs;
      await askEngine(engine, 'DELETE', `/containers/${name}?force=1`);
      return tookMs;
    },
    b: async () => {
      const next = await push((value += 1));
      ownStarts.forget();
      const startedAtMs = performance.now();
      await daemon.reconcile();
      const tookMs = (await ownStarts.nth(1)) - startedAtMs;
      await daemon.converged(next, 'pushed');
      return tookMs;
    },
  });
  return [
    { what: 'a container created and started by hand', value: a, unit: 'ms' },
    { what: 'reconcile call after a push to the new container running', value: b, unit: 'ms' },
    {
      what: 'what it takes longer',
      value: difference,
      unit: 'ms',
      limitedBy: 'fetching the commit, reading what changed, and one look at the host',
    },
  ];
}
