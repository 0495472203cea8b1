// What a cycle is given, and what it has come to.

import type { DesiredStack } from '#domain/desired.ts';
import type { Evidence } from '#domain/history.ts';
import type { LaidOver } from '#domain/lay-overrides.ts';
import type { ObservedHost } from '#domain/observed.ts';
import type { StepOutcome } from '#domain/outcome.ts';
import type { Plan } from '#domain/plan.ts';
import type { Clock } from '#ports/clock.ts';
import type { Engine } from '#ports/engine.ts';
import type { Prober } from '#ports/prober.ts';
import type { Approvals } from './approvals.ts';
import type { Breaker } from './breaker.ts';
import type { ClockWatch } from './clock-watch.ts';
import type { EngineFacts } from './engine-facts.ts';
import type { Equalities } from './equalities.ts';
import type { ExecuteSignals, Executor } from './execute-plan.ts';
import type { Holds } from './holds.ts';
import type { Mark, Observer } from './observe.ts';
import type { Overrides } from './overrides.ts';
import type { RouteBoard } from './routes/route-board.ts';
import type { Source } from './source.ts';
import type { StackMemory } from './stack-memory.ts';
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
  readonly routes: Pick<RouteBoard, 'listFollowing'>;
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

export type Look = {
  readonly plan: Plan;
  readonly observed: ObservedHost | undefined;
  /** What was aimed at: as declared, and what people have laid over it. */
  readonly stack: DesiredStack | undefined;
  readonly setAside: LaidOver['setAside'];
};
/** What the cycle has come to so far; kept when it fails half-way. */
export type Progress = { look: Look; readonly outcomes: StepOutcome[]; readonly warnings: string[] };
