// One cycle of one stack: observe → plan → execute, until nothing is left that could be done now.

import type { DesiredStack } from '#domain/desired.ts';
import { findManifestFault } from '#domain/find-manifest-fault.ts';
import { formatFinding } from '#domain/format-plan.ts';
import type { Evidence } from '#domain/history.ts';
import { listServiceImages } from '#domain/history-images.ts';
import { isSettled, judgeCycle } from '#domain/judge-cycle.ts';
import { type LaidOver, tellOverrides } from '#domain/lay-overrides.ts';
import type { ObservedHost } from '#domain/observed.ts';
import type { CycleReport, FailureFacts, StepOutcome } from '#domain/outcome.ts';
import { type Finding, type Plan, runnableSteps } from '#domain/plan.ts';
import { planStack } from '#domain/plan-stack.ts';
import { reportServices } from '#domain/report-services.ts';
import { toStackNames } from '#domain/stack-names.ts';
import type { Clock } from '#ports/clock.ts';
import type { Engine } from '#ports/engine.ts';
import type { Prober } from '#ports/prober.ts';
import type { Approvals } from './approvals.ts';
import { isImageStep } from './background-images.ts';
import type { Breaker } from './breaker.ts';
import type { ClockWatch } from './clock-watch.ts';
import { collectEvidence } from './collect-evidence.ts';
import type { EngineFacts } from './engine-facts.ts';
import type { Equalities } from './equalities.ts';
import type { ExecuteSignals, Executor } from './execute-plan.ts';
import { toFailureFacts } from './failure-facts.ts';
import type { Holds } from './holds.ts';
import type { Mark, Observer } from './observe.ts';
import type { Overrides } from './overrides.ts';
import type { Source } from './source.ts';
import { noteConvergence, noteDeclaration, noteRetired, type StackMemory } from './stack-memory.ts';
import type { StackReadiness } from './stack-readiness.ts';

export type CycleDeps = {
  readonly owner: string;
  readonly clock: Clock;
  readonly clockWatch: ClockWatch;
  readonly source: Source;
  readonly observer: Observer;
  readonly createExecutor: (stack: string) => Executor;
  readonly holds: Holds;
  readonly overrides: Overrides;
  readonly engine: Pick<Engine, 'readLogs'>;
  readonly prober: Prober;
  readonly readiness: StackReadiness;
  readonly recordEvidence: (evidence: Evidence) => void;
  readonly approvals: Approvals;
  readonly breaker: Breaker;
  readonly engineFacts: EngineFacts;
  readonly equalities: Equalities;
  readonly selfContainerId?: string | undefined;
};

export type CycleInput = {
  readonly stack: string;
  readonly app: string;
  readonly trigger: string;
  /** An observation made after this moment will do for the first look. */
  readonly triggeredAt: Mark;
  readonly memory: StackMemory;
  readonly signals: ExecuteSignals;
  /** Given work that goes on after the cycle: a look at the stack is due when it ends. */
  readonly started: (work: Promise<void>) => void;
};

type Look = {
  readonly plan: Plan;
  readonly observed: ObservedHost | undefined;
  /** What was aimed at: as declared, and what people have laid over it. */
  readonly stack: DesiredStack | undefined;
  readonly setAside: LaidOver['setAside'];
};
/** What the cycle has come to so far; kept when it fails half-way. */
type Progress = { look: Look; readonly outcomes: StepOutcome[]; readonly warnings: string[] };

// A stack of n dependency levels needs about 3n + 3 passes; more means that the world does not follow.
const maxPasses = 60;

/** Never rejects: whatever happens is in the report. */
export async function reconcileOnce(input: CycleInput, deps: CycleDeps): Promise<CycleReport> {
  const startedAt = { wallMs: deps.clock.nowMs(), monotonicMs: deps.clock.monotonicMs() };
  const nothing = { findings: [], steps: [], waits: [], blocks: [], differences: [], probes: [] };
  const progress: Progress = {
    look: {
      plan: { stack: input.stack, ...nothing },
      observed: undefined,
      stack: deps.source.stack(input.stack),
      setAside: {},
    },
    outcomes: [],
    warnings: [],
  };
  const failure = await runPasses(input, deps, progress).then(() => undefined, toFailureFacts);
  return toReport(input, deps, progress, { startedAt, failure });
}

async function runPasses(input: CycleInput, deps: CycleDeps, progress: Progress): Promise<void> {
  const { memory, signals, started } = input;
  const executor = deps.createExecutor(input.stack);
  noteOutcomes(memory.images.drain(), input, deps, progress);
  let mark = input.triggeredAt;
  for (let pass = 0; pass < maxPasses; pass += 1) {
    progress.look = await lookAndPlan(input, deps, mark);
    const { findings } = progress.look.plan;
    if (signals.stopping.aborted) return;
    memory.probes.want(progress.look.plan.probes, { ...deps, signals, started });
    for (const finding of findings) await note(finding, input, deps, progress);
    if (findings.length > 0) continue;
    const steps = memory.records.admit(runnableSteps(progress.look.plan), toMoment(deps));
    memory.images.want(steps.filter(isImageStep), { executor, signals, started });
    const now = steps.filter((step) => !isImageStep(step));
    if (now.length === 0) return;
    noteOutcomes(await executor.execute(now, signals), input, deps, progress);
    mark = deps.observer.mark();
  }
}

/** Desired state is read anew at every look: a newer revision takes over in the middle of a cycle. */
async function lookAndPlan(input: CycleInput, deps: CycleDeps, mark: Mark): Promise<Look> {
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
    prune: deps.approvals.judge(apps, observed),
    declaredStacks: toStackNames(apps),
    ...(deps.selfContainerId === undefined ? {} : { selfContainerId: deps.selfContainerId }),
  });
  // What is not going to happen must not count as begun.
  const guarded = laid.suspended === undefined ? deps.breaker.guard(plan, stack, observed) : plan;
  return { plan: tellOverrides(guarded, laid), observed, stack, setAside: laid.setAside };
}

/** The hold comes first: whatever happens while evidence is collected, the version is not tried again. */
async function note(
  finding: Finding,
  { stack, memory, signals }: CycleInput,
  { holds, engine, engineFacts, equalities, clock, recordEvidence }: CycleDeps,
  { look: { observed }, warnings }: Progress,
): Promise<void> {
  memory.refusals.noteFinding(finding);
  if (finding.kind === 'equal') {
    const { container, generation, limits } = finding;
    const shown = { containerId: container.id, generation, limits };
    equalities.note(shown, await engineFacts.read(signals.abort));
    if (finding.mistaken.length > 0) warnings.push(formatFinding(finding));
    return;
  }
  if (finding.kind === 'hook-done') {
    memory.hooks.succeeded[finding.hook] = finding.version;
    return;
  }
  if (finding.kind === 'failed') holds.add(stack, finding.hold);
  else memory.hooks.noted.add(finding.container.id);
  const probe = memory.probes.results()[finding.container.id];
  const scene = { stack, observed, atMs: clock.nowMs(), probe };
  recordEvidence(await collectEvidence(finding, scene, engine, signals.abort));
}

function noteOutcomes(
  outcomes: readonly StepOutcome[],
  { memory }: CycleInput,
  deps: CycleDeps,
  progress: Progress,
): void {
  progress.outcomes.push(...outcomes);
  for (const outcome of outcomes) {
    const { step, result } = outcome;
    memory.records.note(outcome, toMoment(deps));
    memory.refusals.noteOutcome(outcome);
    if (step.kind === 'pull-image' && result === 'done') memory.freshImages.add(step.image);
    // No listing shows a changed restart policy.
    if ('target' in step && step.target.id !== undefined) deps.observer.dropDetails(step.target.id);
  }
}

function toMoment({ clock }: CycleDeps) {
  return { nowMs: clock.monotonicMs(), random: clock.random() };
}

type End = {
  readonly startedAt: { readonly wallMs: number; readonly monotonicMs: number };
  readonly failure: FailureFacts | undefined;
};

function toReport(input: CycleInput, deps: CycleDeps, progress: Progress, end: End): CycleReport {
  const { plan, observed, stack, setAside } = progress.look;
  const { apps, revision } = deps.source.current();
  const failing = input.memory.records.failing(plan);
  const manifestFault = findManifestFault(apps, input.app);
  const result = judgeCycle(plan, failing, { failure: end.failure, manifestFault });
  if (end.failure === undefined && isSettled(plan)) noteConvergence(input.memory, stack, setAside);
  const scene = {
    nowMs: deps.clock.nowMs(),
    clockSetAtMs: deps.clockWatch.setAtMs(),
    probes: input.memory.probes.results(),
  };
  const isKnown = stack !== undefined && observed !== undefined;
  return {
    stack: input.stack,
    app: stack?.app ?? input.app,
    revision: revision ?? '',
    trigger: input.trigger,
    result,
    plan,
    outcomes: progress.outcomes,
    ...(progress.warnings.length > 0 && { warnings: progress.warnings }),
    failing,
    services: isKnown ? reportServices(stack, observed, deps.owner, scene) : [],
    ...(isKnown && { images: listServiceImages(stack, observed, deps.owner) }),
    ...(end.failure === undefined ? {} : { failure: end.failure }),
    ...(manifestFault === undefined ? {} : { manifestFault }),
    startedAtMs: end.startedAt.wallMs,
    durationMs: deps.clock.monotonicMs() - end.startedAt.monotonicMs,
  };
}
