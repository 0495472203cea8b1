import type { PlanResult } from '#cli/cli-actions.ts';
import { noHookMemory } from '#domain/hook.ts';
import { planStack } from '#domain/plan-stack.ts';
import { toStackNames } from '#domain/stack-names.ts';
import { listKnownStacks } from '#reconcile/known-stacks.ts';
import { openOneShot } from './one-shot.ts';
import type { Settings } from './settings/settings.ts';

/** What `apply` would do now, changing nothing. @throws Failure */
export async function planOnce(settings: Settings, signal: AbortSignal): Promise<PlanResult> {
  const { owner, clock, engine, reconciler, revision } = await openOneShot(settings, signal);
  const { source, observer, approvals, engineFacts } = reconciler;
  try {
    const mark = observer.mark();
    const observed = await observer.observe(mark, signal);
    const known = await listKnownStacks({ source, observer, owner }, mark, signal);
    const { multiEndpointCreate, apiVersion } = await engineFacts.read(signal);
    const { apps } = source.current();
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
      equalGenerations: {},
      probes: 'all',
      hooks: noHookMemory,
      awaitedApps: [],
      prune: approvals.judge(apps, observed),
      declaredStacks: toStackNames(apps),
    } as const;
    const plans = known
      .map(({ name }) => planStack(name, source.stack(name), observed, context))
      .toSorted((a, b) => (a.stack < b.stack ? -1 : 1));
    return { revision, plans, problems: apps.flatMap((app) => app.problems) };
  } finally {
    engine.close();
  }
}
