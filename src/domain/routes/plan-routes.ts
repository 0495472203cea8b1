// The pure decision about all routes of one proxy: (declared, observed, context) → plan. Equal inputs give an equal
// plan, and an empty plan means in sync. Order: lists and certificates, hosts, deletions last.
import type { DesiredApp } from '../desired.ts';
import { isUnreadable } from '../judge-pruning.ts';
import { listEntries } from './describe-host.ts';
import type { DesiredProxy } from './desired-route.ts';
import { findAbandoned } from './find-abandoned.ts';
import type { EntryScene } from './find-entry.ts';
import { holdBackOrdered } from './hold-back-ordered.ts';
import { listPins, type Pin } from './list-pins.ts';
import type { HostBody, ObservedHostEntry, ObservedProxy } from './observed-proxy.ts';
import { holdBack, putMendingFirst, untie } from './order-route-steps.ts';
import { planAccessLists } from './plan-access-lists.ts';
import { planCertificates } from './plan-certificates.ts';
import { type HostScene, type PlannedHost, planHost } from './plan-host.ts';
import {
  findAdoptable,
  findOwn,
  planObstructed,
  planRequest,
  toCurrent,
  toNamesAlone,
} from './plan-obstructed.ts';
import { planRoutePruning, toWantedNames } from './plan-route-pruning.ts';
import { type LookUpScene, type PreparedRoute, prepareRoute } from './prepare-route.ts';
import { resolveProxyAbilities } from './proxy-abilities.ts';
import { listRouteEntries, reportRoute } from './report-route.ts';
import { type DeclaredRoute, type RouteContext } from './route-context.ts';
import { mergeRouteParts, toLane, toRoutePart } from './route-part.ts';
import type { RoutePlan } from './route-plan.ts';

export type RouteInput = {
  /** Of all stacks that are to run, and of the fleet; in the order of their keys. */
  readonly routes: readonly DeclaredRoute[];
  readonly proxy: Pick<DesiredProxy, 'accessLists' | 'certificates'>;
  /** For what cannot be read, and so is not gone. */
  readonly apps: readonly DesiredApp[];
  /** What the fleet wants of the proxy cannot be read, and so is not gone either. */
  readonly isFleetUnknown?: boolean;
  /** Stacks of which nothing is to be changed at present. */
  readonly isSuspended?: (stack: string) => boolean;
};

export type RoutePlanning = RoutePlan & {
  /** Removals that wait for approval, and their token; '' when there are none. */
  readonly prune: { readonly token: string; readonly ids: readonly string[] };
  readonly pins: readonly Pin[];
};

export function planRoutes(input: RouteInput, observed: ObservedProxy, context: RouteContext): RoutePlanning {
  const prepared = input.routes.map((declared) => prepareRoute(declared, toLookUp(input, observed, context)));
  const planned = planHosts(prepared, input, observed, context);
  const { accessLists, certificates } = input.proxy;
  const shared = mergeRouteParts([
    planAccessLists(accessLists, observed, context.owner),
    toRoutePart({ steps: planCertificates(certificates, observed, context.owner) }),
  ]);
  const pruning = planPruning(input, prepared, planned, { observed, context });
  const hosts = untie(mergeRouteParts(planned.map(({ part }) => part)), observed);
  const changing = mergeRouteParts([shared, holdBackOrdered(hosts, observed, context.nowMs)]);
  const going = holdBackOrdered(pruning.part, observed, context.nowMs);
  const prune = holdBack(going, changing, { routes: input.routes, observed });
  const { token, ids } = pruning;
  const all = mergeRouteParts([changing, prune]);
  return {
    ...all,
    steps: putMendingFirst(all.steps, observed),
    reports: planned.map((each, index) => reportRoute(prepared[index] as PreparedRoute, each)),
    prune: { token, ids },
    pins: listPins(observed.hosts, context.owner),
  };
}

function toLookUp({ proxy }: RouteInput, observed: ObservedProxy, context: RouteContext): LookUpScene {
  const declared = Object.fromEntries(proxy.certificates.map(({ name, generation }) => [name, generation]));
  const { owner, nowMs } = context;
  return {
    context,
    certificates: { certificates: observed.certificates, declared, owner, nowMs },
    lists: proxy.accessLists,
    observedLists: observed.accessLists,
    abilities: resolveProxyAbilities(observed.version),
    hidden: observed.hidden ?? [],
    currentCertificate: (declared) =>
      toCurrent(
        findOwn(declared, observed.hosts, owner) ?? findAdoptable({ declared }, observed.hosts),
        observed,
      ),
  };
}

function planHosts(
  prepared: readonly PreparedRoute[],
  input: RouteInput,
  observed: ObservedProxy,
  context: RouteContext,
): readonly PlannedHost[] {
  const { hosts } = observed;
  const declared = prepared.map((each) => each.declared);
  const isKept = toIsKept(input);
  const abandoned = findAbandoned(prepared, { owner: context.owner, hosts, declared, isKept });
  const earlier: { readonly declared: DeclaredRoute; readonly body: HostBody }[] = [];
  return prepared.map((each) => {
    const { body, request } = each;
    const scene: HostScene = { context, hosts, declared, isKept, abandoned, earlier: [...earlier] };
    const wanted = body ?? (request === undefined ? undefined : toNamesAlone(each));
    if (wanted !== undefined) earlier.push({ declared: each.declared, body: wanted });
    const planned =
      body === undefined
        ? planObstructed(each, wanted, scene)
        : planRequest(each, planHost({ ...each, body }, scene), context.nowMs);
    const part = holdBackOrdered(planned.part, observed, context.nowMs);
    return suspend(each.declared, { ...planned, part }, context.nowMs);
  });
}

/** What of ours nobody may take over or remove: its app cannot be read, or its stack is suspended. */
function toIsKept({ apps, isFleetUnknown = false, isSuspended }: RouteInput): EntryScene['isKept'] {
  const areUnknown = apps.some(isUnreadable);
  const stacks = new Set(apps.flatMap((app) => app.stacks.map(({ name }) => name)));
  return ({ marker }) => {
    if (marker === undefined) return false;
    if (marker.stack === '') return isFleetUnknown;
    return (areUnknown && !stacks.has(marker.stack)) || isSuspended?.(marker.stack) === true;
  };
}

function suspend(declared: DeclaredRoute, planned: PlannedHost, nowMs: number): PlannedHost {
  if (declared.isSuspended !== true || planned.part.steps.length === 0) return planned;
  const message = `stack ${declared.stack} is suspended`;
  const wait = {
    lane: toLane(declared),
    reason: 'StackSuspended',
    message,
    lookAgainAtMs: nowMs + 60_000,
  } as const;
  return { ...planned, part: { ...planned.part, steps: [], waits: [wait] } };
}

function planPruning(
  input: RouteInput,
  prepared: readonly PreparedRoute[],
  planned: readonly PlannedHost[],
  { observed, context }: { readonly observed: ObservedProxy; readonly context: RouteContext },
) {
  const { proxy, isFleetUnknown = false } = input;
  const { owner } = context;
  const removed = new Set(
    planned.flatMap(({ part }) =>
      part.steps.flatMap((step) =>
        step.kind === 'delete-host' && step.after === undefined ? [`${step.host.kind}:${step.host.id}`] : [],
      ),
    ),
  );
  const obstructed = new Set(
    prepared
      .filter(({ body, declared }) => body === undefined && declared.route.enabled)
      .flatMap(({ declared }) => listRouteEntries(declared.route)),
  );
  const claimed = new Set([
    ...planned.flatMap(listClaimed),
    ...observed.hosts.filter(({ kind, id }) => removed.has(`${kind}:${id}`)),
    // What is to follow it cannot be made yet.
    ...observed.hosts.filter(({ body }) => listEntries(body).some((entry) => obstructed.has(entry))),
  ]);
  const inUse = prepared.flatMap(({ certificate }) => (certificate === undefined ? [] : [certificate.name]));
  const declaredNames = toWantedNames([...proxy.accessLists, ...proxy.certificates], owner);
  return planRoutePruning({
    owner,
    hosts: observed.hosts,
    declared: prepared.map(({ declared }) => declared),
    observed,
    context,
    isKept: toIsKept(input),
    isFleetUnknown,
    inactive: listInactive(input.apps),
    claimed,
    wantedNames: new Set([...declaredNames, ...inUse]),
  });
}

function listInactive(apps: readonly DesiredApp[]): ReadonlySet<string> {
  const stacks = apps.flatMap((app) => app.stacks).filter(({ active }) => active === false);
  return new Set(stacks.map(({ name }) => name));
}

/** A route that is blocked takes nothing over, so what it would have had of a former one goes. */
function listClaimed({ found, part }: PlannedHost): readonly ObservedHostEntry[] {
  if (found === undefined) return [];
  return found.by === 'taken-over' && part.blocks.length > 0 ? [] : [found.entry];
}
