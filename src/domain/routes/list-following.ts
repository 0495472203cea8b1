// Whether the proxy already leads to the container that serves: until it does, the one before must not go.
import type { DesiredRoute } from './desired-route.ts';
import { listFollowed } from './list-followed.ts';
import { isMarkedFor } from './resolve-upstream.ts';
import type { RouteRef, RouteReport } from './route-plan.ts';
import type { RouteTarget, RouteTargets } from './route-targets.ts';

/** `failed`: the proxy leads to it, and it has not answered through the proxy for too long. */
export type Unmoved = { readonly kind: 'moving' | 'failed'; readonly message: string };

export type MovedFacts = {
  readonly reports: readonly RouteReport[];
  /** What has been seen of each route's last written target, by `toProbeKey`. */
  readonly probed: Readonly<Record<string, RouteProbed>>;
  /** Why the proxy cannot be asked; undefined: it can. */
  readonly failure: string | undefined;
};

export type RouteProbed =
  | { readonly target: string; readonly kind: 'answered' }
  | { readonly target: string; readonly kind: 'silent' | 'failed'; readonly message: string };

export type FollowingRoutes = {
  /** Those that any route follows. */
  readonly services: readonly string[];
  /** By id of the container that serves: absent when all routes lead to it. */
  readonly unmoved: Readonly<Record<string, Unmoved>>;
  /** By name of a container that is to go: why it must not yet. */
  readonly pinned: Readonly<Record<string, string>>;
};

export function listFollowing(
  stack: { readonly name: string; readonly routes?: readonly DesiredRoute[] },
  targets: RouteTargets,
  facts: MovedFacts,
): Omit<FollowingRoutes, 'pinned'> {
  const services = [...new Set((stack.routes ?? []).flatMap(listFollowed))].toSorted();
  const found = (stack.routes ?? []).flatMap((route) =>
    listFollowed(route).flatMap((service) => {
      const target = targets.find((each) => each.stack === stack.name && each.service === service);
      if (target === undefined) return [];
      const unmoved = judge(stack.name, route, target, facts);
      return unmoved === undefined ? [] : [[target.containerId, unmoved] as const];
    }),
  );
  // Of several routes, one that failed says most: it comes last.
  const unmoved = Object.fromEntries(
    found.toSorted(([, a], [, b]) => Number(a.kind === 'failed') - Number(b.kind === 'failed')),
  );
  return { services, unmoved };
}

function judge(
  stack: string,
  route: DesiredRoute,
  { service, containerId }: RouteTarget,
  { reports, probed, failure }: MovedFacts,
): Unmoved | undefined {
  const report = reports.find((each) => each.stack === stack && each.route === route.name);
  // What is not in the proxy leads nowhere, and what is another's does not lead to us.
  const isElsewhere = report?.id === undefined || report.state === 'disabled';
  if (failure === undefined && report !== undefined && isElsewhere) return undefined;
  // After a refusal, what was written back may lead nowhere that has to be followed.
  if (report !== undefined && !report.follows.includes(service)) return undefined;
  if (report === undefined && failure === undefined) return undefined;
  // What was written back looks the name up at every request, other than what was refused.
  if (report?.state === 'refused' && report.target === undefined) return undefined;
  if (!isMarkedFor(report?.target, containerId)) {
    const why = failure ?? report?.message ?? '';
    return moving(`route ${route.name} does not lead to it yet${why === '' ? '' : `: ${why}`}`);
  }
  const probe = probed[toProbeKey({ stack, route: route.name }, service)];
  if (probe === undefined || probe.target !== report?.target) {
    return moving(`route ${route.name} has not been tried through the proxy yet`);
  }
  if (probe.kind === 'answered') return undefined;
  const message = `route ${route.name}: ${probe.message}`;
  return probe.kind === 'failed' ? { kind: 'failed', message } : moving(message);
}

/** A route may lead to several services, each of which has to answer. */
export function toProbeKey({ stack, route }: RouteRef, service: string): string {
  return `${stack}/${route}/${service}`;
}

function moving(message: string): Unmoved {
  return { kind: 'moving', message };
}
