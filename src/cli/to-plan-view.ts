import type { PlanView } from '#contract/plan-view.ts';
import type { StepView } from '#contract/status.ts';
import { describeTarget } from '#domain/format-plan.ts';
import type { StepOutcome } from '#domain/outcome.ts';
import { isEmpty, type Plan, type Step } from '#domain/plan.ts';

/** A plan for the eyes of others: what is done to what and why, never the container spec. */
export function toPlanView(plan: Plan): PlanView {
  return {
    stack: plan.stack,
    inSync: isEmpty(plan),
    steps: plan.steps.map((step) => ({
      ...toStepView(step),
      ...(step.after !== undefined && { after: step.after }),
    })),
    waits: plan.waits.map(({ reason, message }) => ({ reason, message })),
    blocks: plan.blocks.map(({ reason, message, unblock }) => ({ reason, message, unblock })),
    differences: plan.differences.map(withoutValue),
  };
}

function toStepView(step: Step): StepView {
  return { kind: step.kind, target: describeTarget(step), cause: withoutValue(step.cause) };
}

export function toOutcomeView({ step, result, durationMs, failure }: StepOutcome): StepView {
  return {
    ...toStepView(step),
    result,
    durationMs,
    ...(failure !== undefined && { error: { code: failure.code, message: failure.message } }),
  };
}

/** Which variable differs may be told; its value may be a secret. */
function withoutValue<
  T extends { readonly path?: string; readonly wanted?: string; readonly found?: string },
>(facts: T): T {
  if (facts.path === undefined || !/\benv(ironment)?\b/i.test(facts.path)) return facts;
  return {
    ...facts,
    ...(facts.wanted !== undefined && { wanted: '***' }),
    ...(facts.found !== undefined && { found: '***' }),
  };
}
