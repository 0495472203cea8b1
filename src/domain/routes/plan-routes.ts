// The pure decision about all routes of one proxy: (declared, observed, context) → plan. Equal inputs give an equal
// plan, and an empty plan means in sync. Order: lists and certificates, hosts, deletions last.
import type { DesiredApp } from '../desired.ts';
import { describeHost, listEntries, toHostTarget } from './describe-host.ts';
import type { DesiredProxy } from './desired-route.ts';
import type { HostBody, ObservedHostEntry, ObservedProxy } from './observed-proxy.ts';
import { planAccessLists } from './plan-access-lists.ts';
import { planCertificates } from './plan-certificates.ts';
import { type HostScene, type PlannedHost, planHost, toBlock } from './plan-host.ts';
import { planRoutePruning, toWantedNames } from './plan-route-pruning.ts';
import { type LookUpScene, type PreparedRoute, prepareRoute } from './prepare-route.ts';
import { resolveProxyAbilities } from './proxy-abilities.ts';
import { listRouteEntries, reportRoute } from './report-route.ts';
import { type DeclaredRoute, type RouteContext, toRouteKey } from './route-context.ts';
import { mergeRouteParts, type RoutePart, toLane, toRoutePart, toRouteTitle, withRef } from './route-part.ts';
import type { RoutePlan, RouteStep } from './route-plan.ts';
import { toHostKind } from './to-host-body.ts';

export type RouteInput = {
  /** Of all stacks that are to run, and of the fleet; in the order of their keys. */
  readonly routes: readonly DeclaredRoute[];
  readonly proxy: Pick<DesiredProxy, 'accessLists' | 'certificates'>;
  /** For what cannot be read, and so is not gone. */
  readonly apps: readonly DesiredApp[];
  /** The same of what the fleet declares. */
  readonly isFleetUnreadable?: boolean;
};

export type RoutePlanning = RoutePlan & {
  /** Removals that wait for approval, and their token; '' when there are none. */
  readonly prune: { readonly token: string; readonly ids: readonly string[] };
};

export function planRoutes(input: RouteInput, observed: ObservedProxy, context: RouteContext): RoutePlanning {
  const prepared = input.routes.map((declared) => prepareRoute(declared, toLookUp(input, observed, context)));
  const planned = planHosts(prepared, observed, context);
  const { accessLists, certificates } = input.proxy;
  const shared = mergeRouteParts([
    planAccessLists(accessLists, observed, context.owner),
    toRoutePart({ steps: planCertificates(certificates, observed, context.owner) }),
  ]);
  const pruning = planPruning(input, prepared, planned, { observed, context });
  const hosts = untie(mergeRouteParts(planned.map(({ part }) => part)), observed);
  const changing = mergeRouteParts([shared, hosts]);
  const prune = holdBack(pruning.part, changing);
  const { token, ids } = pruning;
  return {
    ...mergeRouteParts([changing, prune]),
    reports: planned.map((each, index) => reportRoute(prepared[index] as PreparedRoute, each)),
    prune: { token, ids },
  };
}

/** Steps that may be run now. */
export function runnableRouteSteps(plan: Pick<RoutePlan, 'steps'>): readonly RouteStep[] {
  return plan.steps.filter(({ after }) => after === undefined);
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
  };
}

function planHosts(
  prepared: readonly PreparedRoute[],
  { hosts }: ObservedProxy,
  context: RouteContext,
): readonly PlannedHost[] {
  const declared = prepared.map((each) => each.declared);
  const earlier: { readonly declared: DeclaredRoute; readonly body: HostBody }[] = [];
  return prepared.map((each) => {
    const { body } = each;
    if (body === undefined) {
      const planned = planObstructed(each, { hosts, owner: context.owner }, context.nowMs);
      return suspend(each.declared, planned, context.nowMs);
    }
    const scene: HostScene = { context, hosts, declared, earlier: [...earlier] };
    const planned = suspend(each.declared, planHost({ ...each, body }, scene), context.nowMs);
    earlier.push({ declared: each.declared, body });
    return planned;
  });
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

function planObstructed(
  { declared, obstacle }: PreparedRoute,
  { hosts, owner }: { readonly hosts: readonly ObservedHostEntry[]; readonly owner: string },
  nowMs: number,
): PlannedHost {
  const isOwn = ({ marker }: ObservedHostEntry) =>
    marker?.owner === owner && `${marker.stack}/${marker.route}` === toRouteKey(declared);
  const entry = hosts.find(isOwn);
  const found = entry && ({ entry, by: 'marker' } as const);
  const part = planObstacle(declared, obstacle, nowMs);
  return {
    part: obstacle?.kind === 'certificate' ? keepFromOthers(part, declared, { hosts, owner, entry }) : part,
    found,
  };
}

type NameScene = {
  readonly hosts: readonly ObservedHostEntry[];
  readonly owner: string;
  readonly entry: ObservedHostEntry | undefined;
};

/**
 * A certificate that is issued takes the other hosts of its domains out of nginx, and what protects them as well
 * (quirk 10): so it is asked for when nobody else has them.
 */
function keepFromOthers(
  part: RoutePart,
  declared: DeclaredRoute,
  { hosts, owner, entry }: NameScene,
): RoutePart {
  const names = new Set(listRouteEntries(declared.route));
  const others = hosts.filter(
    (each) => each !== entry && listEntries(each.body).some((name) => names.has(name)),
  );
  const isAdoptable = ({ kind, marker }: ObservedHostEntry) =>
    declared.route.adopt && marker === undefined && kind === toHostKind(declared.route);
  const foreign = others.find((each) => each.marker?.owner !== owner && !isAdoptable(each));
  if (foreign !== undefined) {
    const message = `${describeHost(foreign)} has it already`;
    return toRoutePart({
      blocks: [toBlock(declared, 'Conflict', message, 'remove it, or choose another name')],
    });
  }
  const busy = others.find(({ marker }) => marker?.owner === owner);
  if (busy === undefined) return part;
  const after = `${describeHost(busy)} has given it up`;
  return { ...part, steps: part.steps.map((step) => ({ ...step, after })) };
}

function planObstacle(
  declared: DeclaredRoute,
  obstacle: PreparedRoute['obstacle'],
  nowMs: number,
): RoutePart {
  const lane = toLane(declared);
  const wait = { lane, lookAgainAtMs: nowMs + 5_000 };
  switch (obstacle?.kind) {
    case 'block':
      return toRoutePart({
        blocks: [toBlock(declared, obstacle.reason, obstacle.message, obstacle.unblock)],
      });
    case 'certificate': {
      const { name, keyType } = obstacle;
      const domains = declared.route.kind === 'stream' ? [] : declared.route.hosts;
      const cause = { reason: 'Missing', message: `${toRouteTitle(declared)} needs a certificate` } as const;
      const step = withRef(declared, { kind: 'request-certificate', name, domains, keyType, cause });
      return toRoutePart({ steps: [step] });
    }
    case 'wait':
      return toRoutePart({ waits: [{ ...wait, reason: 'TargetNotReady', message: obstacle.message }] });
    default:
      return toRoutePart({
        waits: [{ ...wait, reason: 'CertificatePending', message: obstacle?.message ?? 'it is being made' }],
      });
  }
}

/** Two routes that want each other's name would wait for ever: the first gives up its host, and is made anew. */
function untie(part: RoutePart, observed: ObservedProxy): RoutePart {
  const waiting = part.steps.filter(({ after }) => after !== undefined);
  if (waiting.length === 0 || waiting.length < part.steps.length) return part;
  const tied = waiting.find((step) => step.kind === 'update-host');
  if (tied?.kind !== 'update-host' || !observed.hosts.includes(tied.before)) return part;
  const { before, ref } = tied;
  const host = toHostTarget(before);
  const cause = {
    reason: 'Superseded',
    message: `${host.title} holds what another route is to have`,
  } as const;
  return { ...part, steps: [{ kind: 'delete-host', host, ...(ref && { ref }), cause }, ...part.steps] };
}

function planPruning(
  { proxy, apps, isFleetUnreadable = false }: RouteInput,
  prepared: readonly PreparedRoute[],
  planned: readonly PlannedHost[],
  { observed, context }: { readonly observed: ObservedProxy; readonly context: RouteContext },
) {
  const { owner } = context;
  const removed = new Set(
    planned.flatMap(({ part }) =>
      part.steps.flatMap((step) =>
        step.kind === 'delete-host' && step.after === undefined ? [`${step.host.kind}:${step.host.id}`] : [],
      ),
    ),
  );
  const claimed = new Set([
    ...planned.flatMap(listClaimed),
    ...observed.hosts.filter(({ kind, id }) => removed.has(`${kind}:${id}`)),
  ]);
  const issued = prepared.flatMap(({ obstacle, certificate }) => [
    ...(obstacle?.kind === 'certificate' ? [obstacle.name] : []),
    ...(certificate === undefined ? [] : [certificate.name]),
  ]);
  const declaredNames = toWantedNames([...proxy.accessLists, ...proxy.certificates], owner);
  return planRoutePruning({
    owner,
    hosts: observed.hosts,
    declared: prepared.map(({ declared }) => declared),
    observed,
    context,
    apps,
    isFleetUnreadable,
    claimed,
    wantedNames: new Set([...declaredNames, ...issued]),
  });
}

/** A route that is blocked takes nothing over, so what it would have had of a former one goes. */
function listClaimed({ found, part }: PlannedHost): readonly ObservedHostEntry[] {
  if (found === undefined) return [];
  return found.by === 'taken-over' && part.blocks.length > 0 ? [] : [found.entry];
}

/**
 * What is to go, goes when all that can be done for what is declared is done: what it is taken for may be about to
 * be used. A route that waits for another one's mistake to be mended holds nothing up.
 */
function holdBack(pruning: RoutePart, changing: RoutePart): RoutePart {
  if (runnableRouteSteps(changing).length === 0) return pruning;
  const steps = pruning.steps.map((step) => ({ ...step, after: 'everything declared is in place' }));
  return { ...pruning, steps };
}
