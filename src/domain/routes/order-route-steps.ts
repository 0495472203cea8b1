// In which order steps are taken, and which wait for others.
import { sharesEntry, toHostTarget } from './describe-host.ts';
import { isBreaking } from './is-breaking.ts';
import type { ObservedProxy } from './observed-proxy.ts';
import { listRouteEntries } from './report-route.ts';
import type { DeclaredRoute } from './route-context.ts';
import type { RoutePart } from './route-part.ts';
import type { RoutePlan, RouteStep } from './route-plan.ts';

/** Steps that may be run now. */
export function runnableRouteSteps(plan: Pick<RoutePlan, 'steps'>): readonly RouteStep[] {
  return plan.steps.filter(({ after }) => after === undefined);
}

/** Routes that want each other's names would wait for ever: the first gives up its host, and is made anew. */
export function untie(part: RoutePart, observed: ObservedProxy): RoutePart {
  const waiting = part.steps.flatMap((step) =>
    step.kind === 'update-host' && step.after !== undefined && observed.hosts.includes(step.before)
      ? [step]
      : [],
  );
  const awaitedBy = (step: (typeof waiting)[number]) =>
    waiting.filter((other) => other !== step && sharesEntry(step.body, other.before.body));
  const tied = waiting.find((step) => {
    const reached = new Set(awaitedBy(step));
    for (const each of reached) for (const next of awaitedBy(each)) reached.add(next);
    return reached.has(step);
  });
  if (tied === undefined) return part;
  const { before, ref } = tied;
  const host = toHostTarget(before);
  const message = `${host.title} holds what another route is to have`;
  const cause = { reason: 'Superseded', message } as const;
  return { ...part, steps: [{ kind: 'delete-host', host, ...(ref && { ref }), cause }, ...part.steps] };
}

/** As long as they are as they are, nothing else would get through to nginx. */
export function putMendingFirst(steps: readonly RouteStep[], observed: ObservedProxy): readonly RouteStep[] {
  const isFirst = (step: RouteStep) => isMending(step, observed);
  return [...steps.filter(isFirst), ...steps.filter((step) => !isFirst(step))];
}

function isMending(step: RouteStep, observed: ObservedProxy): boolean {
  if (step.kind !== 'update-host' && step.kind !== 'delete-host') return false;
  const { kind, id } = step.kind === 'update-host' ? step.before : step.host;
  const host = observed.hosts.find((each) => each.kind === kind && each.id === id);
  return host !== undefined && isBreaking(host, observed);
}

/**
 * What is to go, goes when all that can be done for what is declared is done, if anything declared is to have its
 * place or may still refer to it. A host that nobody wants anything of goes at once: it may be what breaks nginx.
 */
export function holdBack(
  pruning: RoutePart,
  changing: RoutePart,
  { routes, observed }: { readonly routes: readonly DeclaredRoute[]; readonly observed: ObservedProxy },
): RoutePart {
  if (runnableRouteSteps(changing).length === 0) return pruning;
  const wanted = new Set(routes.flatMap(({ route }) => listRouteEntries(route)));
  const isFree = (step: RouteStep) =>
    step.kind === 'delete-host' &&
    (step.entries?.every((entry) => !wanted.has(entry)) === true || isMending(step, observed));
  const steps = pruning.steps.map((step) =>
    isFree(step) ? step : { ...step, after: 'everything declared is in place' },
  );
  return { ...pruning, steps };
}
