import type { RoutePlanView } from '#contract/plan-view.ts';
import { formatDifference } from '#domain/format-plan.ts';
import type { FailureFacts } from '#domain/outcome.ts';
import { describeRouteStep, describeRouteTarget } from '#domain/routes/describe-route-step.ts';
import type { RoutePlan } from '#domain/routes/route-plan.ts';
import { toPrintable } from './printable.ts';

type Planned = RoutePlan | FailureFacts | undefined;

/** What is to be done in the proxy, as JSON: no body, so no raw nginx. */
export function toRoutePlanView(routes: RoutePlan | FailureFacts): RoutePlanView {
  if ('code' in routes) {
    const { code, message } = routes;
    return { inSync: false, steps: [], waits: [], blocks: [], differences: [], error: { code, message } };
  }
  return {
    inSync: listRouteLines(routes).length === 0,
    steps: routes.steps.map((step) => ({
      kind: step.kind,
      target: describeRouteTarget(step),
      cause: step.cause,
      ...(step.after !== undefined && { after: step.after }),
    })),
    waits: routes.waits.map(({ reason, message }) => ({ reason, message })),
    blocks: routes.blocks.map(({ reason, message, unblock }) => ({ reason, message, unblock })),
    differences: routes.differences,
  };
}

/** One line for each thing that is not as declared; none: in sync. */
export function listRouteLines(routes: Planned): readonly string[] {
  if (routes === undefined) return [];
  if ('code' in routes) return [`cannot be looked at: ${routes.message}`];
  return [
    ...routes.steps.map((step) => {
      const after = step.after === undefined ? '' : ` [after ${step.after}]`;
      return `${describeRouteStep(step)}: ${step.cause.message}${after}`;
    }),
    ...routes.waits.map(({ message }) => `wait: ${message}`),
    ...routes.blocks.map(({ message, unblock }) => `blocked: ${message} (${unblock})`),
    ...routes.differences
      .filter(({ drift }) => drift)
      .map((difference) => `drift: ${formatDifference(difference)}`),
  ];
}

export function formatRoutePlan(routes: Planned): readonly string[] {
  const lines = listRouteLines(routes);
  if (lines.length === 0) return [];
  return [['routes:', ...lines.map((line) => `  ${line}`)].map((line) => toPrintable(line)).join('\n')];
}
