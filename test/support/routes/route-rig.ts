// The loop of the stacks and the loop of the proxy beside each other, on worlds in memory.
import type { RouteOutcome } from '#domain/routes/route-outcome.ts';
import type { ProxiedRequest } from '#ports/proxy.ts';
import { createRouteBoard, type RouteBoard } from '#reconcile/routes/route-board.ts';
import { createRouteLoop } from '#reconcile/routes/route-loop.ts';
import { testOwner } from '../builders.ts';
import { createMemoryEngine } from '../memory-engine.ts';
import { createRig, type Rig } from '../reconciler-rig.ts';
import { createMemoryProxy, type MemoryProxy } from './memory-proxy.ts';

export type RouteRig = Rig & {
  readonly proxy: MemoryProxy;
  readonly board: RouteBoard;
  readonly outcomes: RouteOutcome[];
  /** What the proxy answers to a request through it. */
  readonly through: { ask: (asked: ProxiedRequest) => number };
};

export function createRouteRig(
  engine = createMemoryEngine(),
  proxy: MemoryProxy = createMemoryProxy(),
): RouteRig {
  const board = createRouteBoard({ owner: testOwner, network: () => 'shop_default', hasProxy: true });
  const rig = createRig(engine, undefined, undefined, { routes: board });
  const outcomes: RouteOutcome[] = [];
  const through = { ask: (_asked: ProxiedRequest) => 200 };
  const stopping = new AbortController();
  const loop = createRouteLoop({
    owner: testOwner,
    clock: rig.clock,
    source: rig.source,
    observer: rig.observer,
    approvals: rig.approvals,
    overrides: rig.overrides,
    proxy,
    board,
    probe: { ask: async (asked) => through.ask(asked) },
    settings: {
      reservedPorts: [],
      proxyName: 'npm',
      prune: { enabled: true, maxRemovals: 3, maxPercent: 30 },
    },
    intervalMs: 5_000,
    stepEnded: (outcome) => void outcomes.push(outcome),
    looked: () => undefined,
    moved: (stacks) => {
      for (const stack of stacks) if (rig.loop.hasStack(stack)) rig.loop.trigger('timer', stack);
    },
    stopGraceMs: 1_000,
  });
  const running = loop.run(stopping.signal);
  return {
    ...rig,
    proxy,
    board,
    outcomes,
    through,
    async stop() {
      stopping.abort();
      await rig.stop();
      await running;
    },
  };
}
