// From what the loop told to the shapes of the HTTP API.

import type { OverrideView } from '#contract/overrides.ts';
import type {
  ConditionView,
  CycleView,
  StackSummaryView,
  StackView,
  StatusView,
  StepView,
} from '#contract/status.ts';
import type { Condition } from '#domain/conditions.ts';
import type { DesiredApp } from '#domain/desired.ts';
import { describeTarget, formatPlan } from '#domain/format-plan.ts';
import type { Override } from '#domain/history-overrides.ts';
import { judgeHealth } from '#domain/judge-conditions.ts';
import type { CycleReport, StepOutcome } from '#domain/outcome.ts';
import { formatProblem } from '#domain/problem.ts';
import type { SourceState } from '#reconcile/source.ts';
import type { StackStatus, StatusBoard } from './status-board.ts';

export type Identity = { readonly version: string; readonly owner: string; readonly repoUrl: string };

export function toStatusView(identity: Identity, board: StatusBoard, source: SourceState): StatusView {
  const stacks = board.stacks();
  const engine = board.engine();
  const fetch = board.lastFetch();
  const condition = board.sourceCondition();
  return {
    version: identity.version,
    owner: identity.owner,
    source: {
      url: identity.repoUrl,
      ...(source.revision === undefined ? {} : { revision: source.revision }),
      ...(fetch === undefined ? {} : { lastFetch: toIso(fetch.atMs) }),
      conditions: condition === undefined ? [] : [toConditionView(condition)],
    },
    engine: engine.reachable
      ? { reachable: true, version: engine.info.version, apiVersion: engine.info.apiVersion }
      : { reachable: false, message: engine.message },
    stacks: { total: stacks.length, ready: stacks.filter(isReady).length },
    invalidApps: toInvalidApps(source.apps),
    conditions: condition === undefined ? [] : [toConditionView(condition)],
  };
}

function toInvalidApps(apps: readonly DesiredApp[]): StatusView['invalidApps'] {
  return apps
    .map((app) => ({
      app: app.name,
      problems: app.problems.filter(({ severity }) => severity === 'error').map(formatProblem),
    }))
    .filter(({ problems }) => problems.length > 0);
}

export function toStackSummaryView(status: StackStatus, apps: readonly DesiredApp[]): StackSummaryView {
  const { report, conditions } = status;
  const app = apps.find((each) => each.name === report.app);
  const stage = app?.stacks.find((stack) => stack.name === report.stack)?.stage;
  const ready = conditions.find((condition) => condition.type === 'Ready');
  if (ready === undefined) throw new Error('a stack without a Ready condition');
  return {
    name: report.stack,
    app: report.app,
    ...(stage === undefined ? {} : { stage }),
    revision: report.revision,
    result: report.result,
    health: judgeHealth(report),
    drifted: report.plan.differences.filter((difference) => difference.drift).length,
    ready: toConditionView(ready),
  };
}

export function toStackView(
  status: StackStatus,
  apps: readonly DesiredApp[],
  overrides: readonly Override[],
): StackView {
  const { report, conditions, lastChange } = status;
  return {
    ...toStackSummaryView(status, apps),
    conditions: conditions.map(toConditionView),
    services: report.services,
    drift: report.plan.differences.filter((difference) => difference.drift),
    overrides: overrides.map(toOverrideView),
    lastCycle: toCycleView(lastChange, report),
  };
}

function toOverrideView({ kind, service, reason, sinceMs, untilMs, target }: Override): OverrideView {
  return {
    kind,
    ...(service !== undefined && { service }),
    reason,
    since: toIso(sinceMs),
    ...(untilMs !== undefined && { until: toIso(untilMs) }),
    ...(target !== undefined && { generation: target.generation, image: target.image }),
  };
}

function isReady({ conditions }: StackStatus): boolean {
  return conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
}

function toCycleView(lastChange: CycleReport, last: CycleReport): CycleView {
  return {
    trigger: lastChange.trigger,
    startedAt: toIso(lastChange.startedAtMs),
    durationMs: Math.round(lastChange.durationMs),
    steps: lastChange.outcomes.map(toStepView),
    pending: formatPlan(last.plan),
  };
}

function toStepView({ step, result, durationMs, failure }: StepOutcome): StepView {
  return {
    kind: step.kind,
    target: describeTarget(step),
    cause: step.cause,
    result,
    durationMs: Math.round(durationMs),
    ...(failure === undefined ? {} : { error: { code: failure.code, message: failure.message } }),
  };
}

function toConditionView({ sinceMs, retryAtMs, ...rest }: Condition): ConditionView {
  return {
    ...rest,
    since: toIso(sinceMs),
    ...(retryAtMs === undefined ? {} : { retryAt: toIso(retryAtMs) }),
  };
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
