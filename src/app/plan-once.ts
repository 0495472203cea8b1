import type { PlanResult } from '#cli/cli-actions.ts';
import { noHookMemory } from '#domain/hook.ts';
import { tellOverrides } from '#domain/lay-overrides.ts';
import type { ObservedHost } from '#domain/observed.ts';
import type { Plan } from '#domain/plan.ts';
import type { PlanContext } from '#domain/plan-context.ts';
import { planStack } from '#domain/plan-stack.ts';
import { toStackNames } from '#domain/stack-names.ts';
import { ProxyError } from '#ports/proxy.ts';
import { listKnownStacks } from '#reconcile/known-stacks.ts';
import type { Reconciler } from './build-reconciler.ts';
import { openOneShot } from './one-shot.ts';
import type { Routes } from './routes/build-routes.ts';
import type { Settings } from './settings/settings.ts';

/** What `apply` would do now, changing nothing. @throws Failure */
export async function planOnce(settings: Settings, signal: AbortSignal): Promise<PlanResult> {
  const { owner, clock, engine, reconciler, routes, revision, kept } = await openOneShot(settings, signal, {
    mode: 'read',
  });
  const { source, observer, approvals, engineFacts, equalities } = reconciler;
  try {
    const mark = observer.mark();
    const observed = await observer.observe(mark, signal);
    const known = await listKnownStacks({ source, observer, owner }, mark, signal);
    const engineInfo = await engineFacts.read(signal);
    const { multiEndpointCreate, apiVersion } = engineInfo;
    const { apps, fleet } = source.current();
    const context = {
      owner,
      revision,
      nowMs: clock.nowMs(),
      multiEndpointCreate,
      apiVersion,
      appliedGenerations: {},
      // Whether a registry has something newer is not known before the pull: it is no difference yet.
      freshImages: 'all',
      holds: [],
      retiredAtMs: {},
      equalGenerations: equalities.of(engineInfo),
      probes: 'all',
      hooks: noHookMemory,
      awaitedApps: [],
      prune: approvals.judge(apps, observed),
      declaredStacks: toStackNames(apps),
    } as const;
    const plans = known
      .map(({ name }) => name)
      .toSorted()
      .map((name) => planAsLoop(name, observed, context, reconciler));
    const problems = [...(fleet?.problems ?? []), ...apps.flatMap((app) => app.problems)];
    const planned = await planRoutesOnce(routes, reconciler, signal);
    return {
      revision,
      plans,
      problems,
      ...(planned !== undefined && { routes: planned }),
      ...(kept !== undefined && { kept }),
    };
  } finally {
    engine.close();
  }
}

/** A proxy that does not answer hides nothing of the stacks. Undefined: there is none. */
async function planRoutesOnce(
  routes: Routes,
  reconciler: Reconciler,
  signal: AbortSignal,
): Promise<PlanResult['routes']> {
  try {
    return await routes.plan(reconciler, signal);
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    const { code, message, reaction } = error;
    return { code, message, reaction };
  }
}

/** With all that stands over a declaration: what has failed, what people have said, and the breaker. */
function planAsLoop(
  name: string,
  observed: ObservedHost,
  context: PlanContext,
  { source, overrides, holds, breaker }: Reconciler,
): Plan {
  const laid = overrides.lay(name, source.stack(name), observed);
  const { stack, setAside, requests, suspended } = laid;
  const plan = planStack(name, stack, observed, { ...context, setAside, requests, holds: holds.of(name) });
  return tellOverrides(suspended === undefined ? breaker.guard(plan, stack, observed) : plan, laid);
}
