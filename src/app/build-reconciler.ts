// The loop and what it stands on, wired for one engine and one state repo. Used by the daemon and by the
// one-shot commands alike.

import { createProber } from '#adapters/probe/create-prober.ts';
import type { Evidence } from '#domain/history.ts';
import type { StepOutcome } from '#domain/outcome.ts';
import { toStackNames } from '#domain/stack-names.ts';
import { createSecretHasher } from '#manifest/hash-secret.ts';
import { loadDesiredState } from '#manifest/load-desired-state.ts';
import { createManifestCache } from '#manifest/manifest-cache.ts';
import type { Clock } from '#ports/clock.ts';
import type { CycleObserver } from '#ports/cycle-observer.ts';
import type { Engine } from '#ports/engine.ts';
import type { GitSource } from '#ports/git-source.ts';
import type { OverrideStore } from '#ports/store.ts';
import { type Approvals, createApprovals } from '#reconcile/approvals.ts';
import { type Breaker, createBreaker } from '#reconcile/breaker.ts';
import { createClockWatch } from '#reconcile/clock-watch.ts';
import { ControlLoop } from '#reconcile/control-loop.ts';
import { createEngineFacts, type EngineFacts } from '#reconcile/engine-facts.ts';
import { createEqualities, type Equalities } from '#reconcile/equalities.ts';
import { createExecutor, createStepQueues } from '#reconcile/execute-plan.ts';
import { createHolds, type Holds } from '#reconcile/holds.ts';
import { listKnownStacks } from '#reconcile/known-stacks.ts';
import { createObserver, type Observer } from '#reconcile/observe.ts';
import { createOverrides, type Overrides } from '#reconcile/overrides.ts';
import { createSource, type Source } from '#reconcile/source.ts';
import { createStackReadiness } from '#reconcile/stack-readiness.ts';
import { keepHolds, readHolds } from './history/keep-holds.ts';
import { listSecrets } from './list-secrets.ts';
import { findSelfContainerId } from './self-container.ts';
import type { Settings } from './settings/settings.ts';

export type Reconciler = {
  readonly loop: ControlLoop;
  readonly source: Source;
  readonly observer: Observer;
  readonly approvals: Approvals;
  readonly engineFacts: EngineFacts;
  readonly breaker: Breaker;
  readonly equalities: Equalities;
  readonly holds: Holds;
  readonly overrides: Overrides;
};

export type ReconcilerParts = {
  readonly settings: Settings;
  readonly owner: string;
  readonly git: GitSource;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly observers: Required<CycleObserver>;
  /** What failures and people have laid over Git, and where what comes to it is kept. */
  readonly kept: OverrideStore;
  readonly recordEvidence?: (evidence: Evidence) => void;
  /** Told of every secret before anything is done with the state that holds it. */
  readonly addSecret?: (value: string) => void;
};

const stopGraceMs = 8_000;

export function buildReconciler(parts: ReconcilerParts): Reconciler {
  const { settings, owner, engine, clock, observers, kept } = parts;
  const source = buildSource(parts);
  const projects = () => toStackNames(source.current().apps);
  const observer = createObserver({ engine, owner, projects });
  const approvals = createApprovals(owner, toPruneLimits(settings), clock, kept);
  const breaker = createBreaker({ owner, clock, approvals, limits: settings.breaker });
  const engineFacts = createEngineFacts(engine);
  const queues = createStepQueues(settings.reconcile.concurrency);
  const { pullConcurrency } = settings.reconcile;
  const holds = createHolds(readHolds(kept), (stack, held) => keepHolds(kept, clock, stack, held));
  const overrides = createOverrides(kept, clock, owner);
  const equalities = createEqualities(kept);
  const loop = new ControlLoop({
    owner,
    clock,
    clockWatch: createClockWatch(clock),
    source,
    observer,
    approvals,
    breaker,
    createExecutor: (stack) => {
      const stepEnded = (outcome: StepOutcome) => observers.stepEnded(stack, outcome);
      return createExecutor({ engine, clock, pullConcurrency, stepEnded }, queues);
    },
    holds,
    overrides,
    engine,
    prober: createProber(engine),
    readiness: createStackReadiness(),
    recordEvidence: parts.recordEvidence ?? (() => undefined),
    engineFacts,
    equalities,
    knownStacks: (mark, signal) => listKnownStacks({ source, observer, owner }, mark, signal),
    cycleEnded: observers.cycleEnded,
    stackForgotten: (stack) => {
      overrides.forget(stack);
      breaker.forget(stack);
      observers.stackForgotten(stack);
    },
    stopGraceMs,
    selfContainerId: findSelfContainerId(),
  });
  return { loop, source, observer, approvals, engineFacts, breaker, equalities, holds, overrides };
}

function buildSource(parts: ReconcilerParts): Source {
  const { settings, owner, git, clock, addSecret = () => undefined } = parts;
  const cache = createManifestCache();
  const hashSecret = createSecretHasher(owner);
  const { policy } = settings;
  return createSource({
    git,
    clock,
    load: async ({ tree }) => {
      const result = await loadDesiredState({ tree, policy, cache, hashSecret });
      if (result.kind === 'loaded') listSecrets(result.state.apps).forEach(addSecret);
      return result;
    },
  });
}

function toPruneLimits({ prune }: Settings) {
  const selfContainerId = findSelfContainerId();
  return { ...prune, ...(selfContainerId === undefined ? {} : { selfContainerId }) };
}
