// From what the loop of the proxy has found to the shapes of the HTTP API.
import type { ProxyView, RouteListView, RouteView } from '#contract/routes.ts';
import { formatProblem } from '#domain/problem.ts';
import { listRoutes } from '#domain/routes/list-routes.ts';
import { listRouteEntries } from '#domain/routes/report-route.ts';
import type { DeclaredRoute } from '#domain/routes/route-context.ts';
import type { RouteReport } from '#domain/routes/route-plan.ts';
import type { RouteBoard } from '#reconcile/routes/route-board.ts';
import type { SourceState } from '#reconcile/source.ts';

/** What is declared is listed whether or not there is a proxy to have it. */
export function toRouteListView(
  { apps, fleet }: SourceState,
  board: RouteBoard,
  url: string | undefined,
): RouteListView {
  const plan = board.plan();
  const failure = board.failure();
  const proxy: ProxyView = {
    configured: url !== undefined,
    ...(url !== undefined && { url }),
    reachable: plan !== undefined && failure === undefined,
    ...(failure !== undefined && { message: failure.message }),
  };
  const why =
    url === undefined
      ? 'npm.url is not set: there is no proxy to have it'
      : (failure?.message ?? 'not looked at yet');
  const known = new Map(board.reports().map((report) => [`${report.stack}/${report.route}`, report]));
  const routes = listRoutes(apps, fleet).map((declared) => {
    const report = known.get(`${declared.stack}/${declared.route.name}`);
    if (report === undefined) return toUnknown(declared, why);
    return toRouteView(failure === undefined ? report : { ...report, state: 'waiting', message: why });
  });
  const blocked = (plan?.blocks ?? [])
    .filter(({ lane }) => lane === 'routes')
    .map(({ message, unblock }) => `${message} (${unblock})`);
  const faults = (fleet?.problems ?? []).filter(({ severity }) => severity === 'error').map(formatProblem);
  return { proxy, routes, blocked: [...faults, ...blocked] };
}

export function toRouteView(report: RouteReport): RouteView {
  const { stack, route, kind, entries, leadsTo, state, message, id, certificate } = report;
  const { certificateExpiresAtMs: expiresAtMs } = report;
  return {
    ...(stack !== '' && { stack }),
    name: route,
    kind,
    entries,
    leadsTo,
    state,
    message,
    ...(id !== undefined && { id }),
    ...(certificate !== undefined && { certificate }),
    ...(expiresAtMs !== undefined && { certificateExpires: new Date(expiresAtMs).toISOString() }),
  };
}

function toUnknown({ stack, route }: DeclaredRoute, message: string): RouteView {
  return {
    ...(stack !== '' && { stack }),
    name: route.name,
    kind: route.kind,
    entries: listRouteEntries(route),
    leadsTo: '',
    state: 'waiting',
    message,
  };
}
