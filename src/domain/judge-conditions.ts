// Status is a function of the last cycle: computed here and nowhere else, the same for API, CLI and metrics.
import { toConditionReason } from './condition-reason.ts';
import type { Condition, ConditionType } from './conditions.ts';
import { formatDifference, formatStep } from './format-plan.ts';
import { isOverrideBlock } from './lay-overrides.ts';
import type { CycleReport, HealthState } from './outcome.ts';
import { worstHealth } from './report-services.ts';

type Verdict = Pick<Condition, 'status' | 'reason' | 'message'> & { readonly unblock?: string };

/** The conditions after a cycle. `before` are those of the cycle before, for `sinceMs`. */
export function judgeConditions(report: CycleReport, before: readonly Condition[]): readonly Condition[] {
  const verdicts: [ConditionType, Verdict][] = [
    ['Ready', judgeReady(report)],
    ['Reconciling', judgeReconciling(report)],
    ['Stalled', judgeStalled(report)],
    ['Healthy', judgeHealthy(report)],
    ['Drifted', judgeDrifted(report)],
  ];
  const endedAtMs = report.startedAtMs + report.durationMs;
  return verdicts.map(([type, verdict]) => {
    const old = before.find((condition) => condition.type === type);
    const sinceMs = old?.status === verdict.status ? old.sinceMs : endedAtMs;
    const retryAtMs = type === 'Ready' && verdict.status !== 'True' ? report.retryAtMs : undefined;
    return { type, ...verdict, sinceMs, ...(retryAtMs === undefined ? {} : { retryAtMs }) };
  });
}

export function judgeHealth(report: CycleReport): HealthState {
  return worstHealth(report.services.map((service) => service.health));
}

function judgeReady(report: CycleReport): Verdict {
  switch (report.result) {
    case 'converged':
      return { status: 'True', reason: 'Converged', message: `equal to ${report.revision}` };
    case 'waiting':
      return { status: 'Unknown', reason: 'Progressing', message: describePending(report) };
    case 'suspended':
      return { status: 'Unknown', ...describeFault(report) };
    case 'retrying':
    case 'stalled':
    case 'held':
      return { status: 'False', ...describeFault(report) };
  }
}

function judgeReconciling(report: CycleReport): Verdict {
  return report.result === 'waiting' || report.result === 'retrying'
    ? { status: 'True', reason: 'Progressing', message: describePending(report) }
    : { status: 'False', reason: 'Idle', message: 'nothing under way' };
}

function judgeStalled(report: CycleReport): Verdict {
  return report.result === 'stalled' || report.result === 'held'
    ? { status: 'True', ...describeFault(report) }
    : { status: 'False', reason: 'NotStalled', message: 'nothing needs a human' };
}

function judgeHealthy(report: CycleReport): Verdict {
  const health = judgeHealth(report);
  if (health === 'healthy') return { status: 'True', reason: 'Healthy', message: 'every service is healthy' };
  const names = report.services
    .filter((each) => each.health !== 'healthy')
    .map((each) => `${each.name} is ${each.health}`);
  const status = health === 'progressing' ? 'Unknown' : 'False';
  return {
    status,
    reason: health === 'progressing' ? 'Progressing' : 'Unhealthy',
    message: names.join(', '),
  };
}

function judgeDrifted(report: CycleReport): Verdict {
  const drift = report.plan.differences.filter((difference) => difference.drift);
  if (drift.length === 0) return { status: 'False', reason: 'NoDrift', message: 'as declared' };
  return { status: 'True', reason: 'DriftDetected', message: drift.map(formatDifference).join('; ') };
}

function describeFault(report: CycleReport): { reason: string; message: string; unblock?: string } {
  const [failed] = report.failing;
  if (report.failure !== undefined) {
    return { reason: toConditionReason(report.failure.code), message: report.failure.message };
  }
  if (failed?.failure !== undefined) {
    const { code, message, reaction } = failed.failure;
    const fault = { reason: toConditionReason(code), message: `${formatStep(failed.step)}: ${message}` };
    // What is tried again by itself says when.
    const unblock = `a new revision that changes the stack, or: shorefast resume ${report.stack}`;
    return reaction === 'stall' ? { ...fault, unblock } : fault;
  }
  if (report.manifestFault !== undefined) {
    return { reason: 'InvalidManifest', message: report.manifestFault, unblock: 'mend it in Git' };
  }
  const { blocks } = report.plan;
  const block = blocks.find((each) => !isOverrideBlock(each)) ?? blocks[0];
  if (block === undefined) return { reason: 'Unknown', message: 'the cycle did not end well' };
  return { reason: block.reason, message: block.message, unblock: block.unblock };
}

function describePending(report: CycleReport): string {
  const [wait] = report.plan.waits;
  if (wait !== undefined) return wait.message;
  const [step] = report.plan.steps;
  return step === undefined ? 'looking again' : formatStep(step);
}
