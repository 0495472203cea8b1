import { type ObservedHostEntry, toAttempt } from '#domain/routes/observed-proxy.ts';
import { runnableRouteSteps } from '#domain/routes/order-route-steps.ts';
import { planRoutes, type RouteInput } from '#domain/routes/plan-routes.ts';
import type { Refusal, RouteContext } from '#domain/routes/route-context.ts';
import { routeContext } from './declare-routes.ts';
import type { MemoryProxy } from './memory-proxy.ts';

export const signal = new AbortController().signal;

export function input(routes: RouteInput['routes'], other: Partial<RouteInput> = {}): RouteInput {
  return { routes, proxy: { accessLists: [], certificates: [] }, apps: [], ...other };
}

/** Looks and acts until nothing is left that could be done; the last plan. */
export async function converge(
  proxy: MemoryProxy,
  given: RouteInput,
  context: RouteContext = routeContext(),
) {
  const refusals: Refusal[] = [...context.refusals];
  for (let pass = 0; pass < 10; pass += 1) {
    const plan = planRoutes(given, await proxy.observe(signal), { ...context, refusals });
    const steps = runnableRouteSteps(plan);
    if (steps.length === 0) return plan;
    for (const step of steps) {
      const { refused } = await proxy.run(step, signal);
      if (refused === undefined || (step.kind !== 'create-host' && step.kind !== 'update-host')) continue;
      const { stack, route } = step.marker;
      const attempt = toAttempt(step.marker);
      refusals.push({ route: `${stack}/${route}`, attempt, message: refused, isDue: false });
    }
  }
  throw new Error('it does not converge');
}

export function onlyHost(proxy: MemoryProxy): ObservedHostEntry {
  const [host] = proxy.hosts;
  if (host === undefined) throw new Error('the proxy has no host');
  return host;
}
