import { findManifestFault } from '#domain/find-manifest-fault.ts';
import { listServiceImages } from '#domain/history-images.ts';
import { isSettled, judgeCycle } from '#domain/judge-cycle.ts';
import type { CycleReport, FailureFacts } from '#domain/outcome.ts';
import { reportServices } from '#domain/report-services.ts';
import type { CycleDeps, CycleInput, Progress } from './cycle-context.ts';
import { noteConvergence } from './stack-memory.ts';

type End = {
  readonly startedAt: { readonly wallMs: number; readonly monotonicMs: number };
  readonly failure: FailureFacts | undefined;
};

export function reportCycle(input: CycleInput, deps: CycleDeps, progress: Progress, end: End): CycleReport {
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
