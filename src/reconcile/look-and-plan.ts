// One look of a cycle: what is declared now, what people have laid over it, what is there, and what is to be done.

import { tellOverrides } from '#domain/lay-overrides.ts';
import { planStack } from '#domain/plan-stack.ts';
import { toStackNames } from '#domain/stack-names.ts';
import type { CycleDeps, CycleInput, Look } from './cycle-context.ts';
import type { Mark } from './observe.ts';
import { noteDeclaration, noteRetired } from './stack-memory.ts';

/** Desired state is read anew at every look: a newer revision takes over in the middle of a cycle. */
export async function lookAndPlan(input: CycleInput, deps: CycleDeps, mark: Mark): Promise<Look> {
  const { memory, signals } = input;
  const observed = await deps.observer.observe(mark, signals.abort);
  const engineInfo = await deps.engineFacts.read(signals.abort);
  const { multiEndpointCreate, apiVersion } = engineInfo;
  const { apps, revision } = deps.source.current();
  const declared = deps.source.stack(input.stack);
  const laid = deps.overrides.lay(input.stack, declared, observed);
  const { stack } = laid;
  noteDeclaration(memory, declared);
  noteRetired(memory, observed, deps.clock.nowMs());
  const pardons = memory.refusals.takePardons(deps.holds.of(input.stack), observed.containers);
  for (const hold of pardons) deps.holds.remove(input.stack, hold);
  // A version that is rolled back to may fail, too.
  deps.holds.keepDeclared(input.stack, [...(declared?.services ?? []), ...(stack?.services ?? [])]);
  const plan = planStack(input.stack, stack, observed, {
    owner: deps.owner,
    revision: revision ?? '',
    nowMs: deps.clock.nowMs(),
    clockSetAtMs: deps.clockWatch.setAtMs(),
    multiEndpointCreate,
    apiVersion,
    appliedGenerations: memory.appliedGenerations,
    appliedContentHash: memory.appliedContentHash,
    freshImages: memory.freshImages,
    holds: deps.holds.of(input.stack),
    retiredAtMs: memory.retiredAtMs,
    equalGenerations: deps.equalities.of(engineInfo),
    probes: memory.probes.results(),
    hooks: memory.hooks,
    awaitedApps: deps.readiness.awaitedBy(stack, apps),
    setAside: laid.setAside,
    requests: laid.requests,
    refusedStarts: memory.refusals.counts(),
    following: deps.routes.listFollowing({ name: input.stack, stack, revision }, observed),
    prune: deps.approvals.judge(apps, observed),
    declaredStacks: toStackNames(apps),
    ...(deps.selfContainerId === undefined ? {} : { selfContainerId: deps.selfContainerId }),
  });
  // What is not going to happen must not count as begun.
  const guarded = laid.suspended === undefined ? deps.breaker.guard(plan, stack, observed) : plan;
  return { plan: tellOverrides(guarded, laid), observed, stack, setAside: laid.setAside };
}
