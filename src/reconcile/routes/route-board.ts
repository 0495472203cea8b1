// What the loop of the proxy has found out, for those who ask: the stacks, before they let a container go; status.
import type { DesiredStack } from '#domain/desired.ts';
import { stackLabel } from '#domain/labels.ts';
import type { ObservedHost } from '#domain/observed.ts';
import type { FailureFacts } from '#domain/outcome.ts';
import {
  type FollowingRoutes,
  listFollowing,
  type RouteProbed,
  toProbeKey,
} from '#domain/routes/list-following.ts';
import { explainPins, isNeeded, listPinnable } from '#domain/routes/list-pins.ts';
import { listTargets } from '#domain/routes/list-targets.ts';
import type { RoutePlanning } from '#domain/routes/plan-routes.ts';
import type { RouteReport } from '#domain/routes/route-plan.ts';

const nothingAsked = { token: '', ids: [] };
const nothingFollows: FollowingRoutes = { services: [], unmoved: {}, pinned: {} };

export type StackAtRevision = {
  readonly name: string;
  /** Undefined when Git declares it no more. */
  readonly stack: DesiredStack | undefined;
  readonly revision: string | undefined;
  /** All that are declared. */
  readonly stacks: readonly DesiredStack[];
};

export type RouteBoard = {
  /** Which services of the stack its routes follow, and whether they have; and what the proxy still knows by name. */
  listFollowing(about: StackAtRevision, observed: ObservedHost): FollowingRoutes;
  /** Undefined while no look has succeeded. */
  plan(): RoutePlanning | undefined;
  reports(): readonly RouteReport[];
  /** Why the last look came to nothing. */
  failure(): FailureFacts | undefined;
  probed(): Readonly<Record<string, RouteProbed>>;
  /** `revision`: the one that was declared when it was made. */
  takePlan(plan: RoutePlanning, revision: string): void;
  takeFailure(failure: FailureFacts | undefined): void;
  /** By `toProbeKey`. */
  takeProbe(key: string, probed: RouteProbed): void;
};

export type RouteBoardDeps = {
  readonly owner: string;
  readonly network: () => string | undefined;
  /** Whether there is a proxy at all. */
  readonly hasProxy: boolean;
};

export function createRouteBoard({ owner, network, hasProxy }: RouteBoardDeps): RouteBoard {
  let plan: RoutePlanning | undefined;
  let plannedRevision: string | undefined;
  let failure: FailureFacts | undefined;
  const probed: Record<string, RouteProbed> = {};

  return {
    listFollowing({ name, stack, revision, stacks }, observed) {
      if (!hasProxy) return nothingFollows;
      const pinFacts = {
        pins: plan?.pins,
        prune: plan?.prune ?? nothingAsked,
        isCurrent: plannedRevision === revision,
        failure: failure?.message,
        network: network(),
      };
      const others = stacks.filter((each) => each.name !== name);
      const staying = listPinnable(observed, pinFacts)
        .filter(({ labels }) => labels[stackLabel] === name)
        .filter((container) => !isNeeded(container, others));
      const pinned = explainPins(staying, pinFacts);
      if (stack?.routes === undefined) return { ...nothingFollows, pinned };
      const targets = listTargets([stack], observed, { owner, network: network() });
      const following = listFollowing(stack, targets, {
        reports: plan?.reports ?? [],
        probed,
        failure:
          failure?.message ?? (plan === undefined ? 'the proxy has not been looked at yet' : undefined),
      });
      return { ...following, pinned };
    },
    plan: () => plan,
    reports: () => plan?.reports ?? [],
    failure: () => failure,
    probed: () => probed,
    takePlan(next, about) {
      plan = next;
      plannedRevision = about;
      const known = new Set(
        next.reports.flatMap((report) => report.follows.map((service) => toProbeKey(report, service))),
      );
      for (const key of Object.keys(probed)) if (!known.has(key)) delete probed[key];
    },
    takeFailure(next) {
      failure = next;
    },
    takeProbe(key, seen) {
      probed[key] = seen;
    },
  };
}

/** Without a proxy there is nothing to wait for. */
export const noRoutes: Pick<RouteBoard, 'listFollowing'> = { listFollowing: () => nothingFollows };
