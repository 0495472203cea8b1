// One look at all routes: observe → plan → write, one thing after the other, until nothing is left that could be
// done now. The same shape as the cycle of a stack, for the one proxy that all stacks share.

import { isProxyUnknown } from '#domain/merge-fleet.ts';
import type { FailureFacts } from '#domain/outcome.ts';
import { listRoutes } from '#domain/routes/list-routes.ts';
import { listPortsInUse, listTargets } from '#domain/routes/list-targets.ts';
import { runnableRouteSteps } from '#domain/routes/order-route-steps.ts';
import { planRoutes, type RoutePlanning } from '#domain/routes/plan-routes.ts';
import type { RouteOutcome } from '#domain/routes/route-outcome.ts';
import type { RouteStep } from '#domain/routes/route-plan.ts';
import { withoutSecrets } from '#domain/routes/without-secrets.ts';
import type { Clock } from '#ports/clock.ts';
import type { Proxy } from '#ports/proxy.ts';
import type { Approvals } from '../approvals.ts';
import { toFailureFacts } from '../failure-facts.ts';
import type { Observer } from '../observe.ts';
import type { Overrides } from '../overrides.ts';
import type { Source } from '../source.ts';
import type { RouteBoard } from './route-board.ts';
import type { RouteRecords } from './route-records.ts';
import type { RouteRefusals } from './route-refusals.ts';

export type RouteSettings = {
  /** Address of this host as the proxy sees it. */
  readonly hostAddress?: string | undefined;
  readonly reservedPorts: readonly number[];
  /** Name by which the proxy is known: that of its container, when it is one of this engine. */
  readonly proxyName: string;
  readonly prune: { readonly enabled: boolean; readonly maxRemovals: number; readonly maxPercent: number };
};

export type RouteDeps = {
  readonly owner: string;
  readonly clock: Clock;
  readonly source: Source;
  readonly observer: Observer;
  readonly proxy: Proxy;
  readonly board: RouteBoard;
  readonly approvals: Pick<Approvals, 'ask'>;
  readonly overrides: Pick<Overrides, 'isSuspended'>;
  readonly settings: RouteSettings;
  readonly stepEnded: (outcome: RouteOutcome) => void;
};

/** What is remembered between looks; losing it costs a try. */
export type RouteMemory = {
  readonly records: RouteRecords;
  readonly refusals: RouteRefusals;
};

export type RouteSignals = { readonly stopping: AbortSignal; readonly abort: AbortSignal };

// Access lists, hosts, hosts that take over names, deletions: few looks; more means that the proxy does not follow.
const maxPasses = 20;

/** Never rejects: what came of it is on the board. The outcomes, in their order. */
export async function reconcileRoutes(
  memory: RouteMemory,
  signals: RouteSignals,
  deps: RouteDeps,
): Promise<readonly RouteOutcome[]> {
  const outcomes: RouteOutcome[] = [];
  memory.refusals.begin();
  const failure = await runPasses(memory, signals, deps, outcomes).catch(toFailureFacts);
  deps.board.takeFailure(failure);
  return outcomes;
}

async function runPasses(
  memory: RouteMemory,
  signals: RouteSignals,
  deps: RouteDeps,
  outcomes: RouteOutcome[],
): Promise<FailureFacts | undefined> {
  for (let pass = 0; pass < maxPasses; pass += 1) {
    const { revision } = deps.source.current();
    if (signals.stopping.aborted || revision === undefined) return undefined;
    const plan = await lookAtRoutes(memory, signals.abort, deps);
    deps.board.takePlan({ ...plan, steps: plan.steps.map(withoutSecrets) }, revision);
    const steps = memory.records.admit(runnableRouteSteps(plan), deps.clock.monotonicMs());
    if (steps.length === 0) return undefined;
    for (const step of steps) {
      if (signals.stopping.aborted) return undefined;
      const outcome = await runStep(step, signals, memory, deps);
      outcomes.push(outcome);
      // Nothing else would get through either.
      if (outcome.failure !== undefined && isOutOfReach(outcome.failure)) return outcome.failure;
    }
  }
  return undefined;
}

/** What is left to do for all routes, changing nothing. @throws ProxyError, EngineError */
export async function lookAtRoutes(
  { refusals }: Pick<RouteMemory, 'refusals'>,
  abort: AbortSignal,
  deps: Omit<RouteDeps, 'board' | 'stepEnded'>,
): Promise<RoutePlanning> {
  const { owner, source, observer, proxy, settings, clock } = deps;
  const mark = observer.mark();
  const [host, observed] = await Promise.all([observer.observe(mark, abort), proxy.observe(abort)]);
  const { apps, fleet } = source.current();
  const stacks = apps.flatMap((app) => app.stacks);
  const { hostAddress, reservedPorts, proxyName, prune } = settings;
  const input = {
    routes: listRoutes(apps, fleet).map((route) => ({
      ...route,
      isSuspended: deps.overrides.isSuspended(route.stack),
    })),
    proxy: fleet?.proxy ?? { accessLists: [], certificates: [] },
    apps,
    isSuspended: deps.overrides.isSuspended,
    isFleetUnknown: fleet === undefined || isProxyUnknown(fleet),
  };
  const planWith = (approvedIds: ReadonlySet<string>) =>
    planRoutes(input, observed, {
      owner,
      nowMs: clock.nowMs(),
      targets: listTargets(stacks, host, { owner, network: fleet?.network }),
      ...(hostAddress !== undefined && { hostAddress }),
      reservedPorts,
      portsInUse: listPortsInUse(host, proxyName),
      refusals: refusals.list(clock.monotonicMs()),
      areRefusalsLifted: refusals.areLifted(),
      prune: { ...prune, approvedIds },
    });
  const plan = planWith(new Set());
  if (plan.prune.token === '') return plan;
  const approvedIds = deps.approvals.ask(plan.prune.token, plan.prune.ids);
  return approvedIds.size === 0 ? plan : planWith(approvedIds);
}

async function runStep(
  step: RouteStep,
  { abort }: RouteSignals,
  { records, refusals }: RouteMemory,
  { proxy, clock, stepEnded }: RouteDeps,
): Promise<RouteOutcome> {
  const startedAtMs = clock.monotonicMs();
  const ended = (rest: Pick<RouteOutcome, 'result' | 'failure'>): RouteOutcome => {
    const outcome = { step: withoutSecrets(step), durationMs: clock.monotonicMs() - startedAtMs, ...rest };
    records.note(outcome, { nowMs: clock.monotonicMs(), random: clock.random() });
    stepEnded(outcome);
    return outcome;
  };
  try {
    const { refused } = await proxy.run(step, abort);
    if (refused === undefined) {
      refusals.settle(step);
      return ended({ result: 'done' });
    }
    refusals.note(step, refused, { nowMs: clock.monotonicMs(), random: clock.random() });
    const failure = { code: 'ROUTE_REFUSED', message: refused, reaction: 'stall' } as const;
    return ended({ result: 'refused', failure });
  } catch (error) {
    if (abort.aborted) return ended({ result: 'aborted' });
    return ended({ result: 'failed', failure: toFailureFacts(error) });
  }
}

const outOfReach: readonly string[] = [
  'PROXY_UNREACHABLE',
  'PROXY_LOGIN_REFUSED',
  'PROXY_NEEDS_2FA',
  'PROXY_DENIED',
  'PROXY_POISONED',
];

function isOutOfReach({ code }: FailureFacts): boolean {
  return outOfReach.includes(code);
}
