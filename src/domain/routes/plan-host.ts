// One route: what is missing between its declaration and the proxy's host.
import type { Cause } from '../plan.ts';
import { findPortObstacle } from './check-stream-port.ts';
import { sharesEntry, toHostTarget } from './describe-host.ts';
import { type EntryScene, type FoundEntry, findEntry, findEntryObstacles } from './find-entry.ts';
import { findHostChange, planSwitch } from './find-host-change.ts';
import { findRefusal } from './find-refusal.ts';
import { isLiteral, listUpstreams } from './list-followed.ts';
import type { HostBody, ObservedHostEntry, RouteMarker } from './observed-proxy.ts';
import { isOutsideCause } from './outside-cause.ts';
import type { ResolvedRoute } from './prepare-route.ts';
import { type DeclaredRoute, type RouteContext, toRouteKey } from './route-context.ts';
import { mergeRouteParts, type RoutePart, toLane, toRoutePart, toRouteTitle, withRef } from './route-part.ts';
import type { RouteBlockReason, RouteStep } from './route-plan.ts';

export type HostScene = {
  readonly context: RouteContext;
  readonly hosts: readonly ObservedHostEntry[];
  readonly declared: readonly DeclaredRoute[];
  readonly isKept: EntryScene['isKept'];
  readonly abandoned?: EntryScene['abandoned'];
  /** Bodies that routes before this one are to have. */
  readonly earlier: readonly { readonly declared: DeclaredRoute; readonly body: HostBody }[];
};

export type PlannedHost = {
  readonly part: RoutePart;
  readonly found: FoundEntry | undefined;
};

export function planHost(prepared: ResolvedRoute, scene: HostScene): PlannedHost {
  const { declared, body } = prepared;
  const entryScene = toEntryScene(scene);
  const found = findEntry(declared, body, entryScene);
  const block = (reason: RouteBlockReason, message: string, unblock: string): PlannedHost => ({
    part: toRoutePart({ blocks: [toBlock(declared, reason, message, unblock)] }),
    found,
  });

  const rival = scene.earlier.find((each) => sharesEntry(each.body, body));
  if (rival !== undefined) {
    const message = `${toRouteKey(rival.declared)} declares the same`;
    return block('Conflict', message, 'declare it once');
  }
  const port = findPortObstacle(body, scene.context);
  if (port !== undefined) return block('PortTaken', port, 'choose another `listen` port');

  const obstacles = findEntryObstacles(body, found?.entry, entryScene);
  const foreign = obstacles.find(({ kind }) => kind === 'foreign');
  if (foreign?.kind === 'foreign') {
    const canAdopt = foreign.entry.marker === undefined && foreign.entry.kind === body.kind;
    const remedy = canAdopt
      ? 'take it over with `adopt: true`, or remove it'
      : 'remove it, or choose another name';
    return block('Conflict', foreign.message, remedy);
  }
  const busy = obstacles.find(({ kind }) => kind === 'busy');
  const after = busy?.kind === 'busy' ? busy.message : undefined;
  const leftovers = obstacles.filter(({ kind }) => kind === 'leftover');
  const room = leftovers.map(({ entry }) => withRef(declared, removeLeftover(entry)));
  const own = found === undefined ? planMissing(prepared, scene) : planPresent(prepared, found, scene);
  const steps = [...room, ...own.steps].map((step) => (after === undefined ? step : { after, ...step }));
  return { part: { ...own, steps }, found };
}

export function toEntryScene({ context, hosts, declared, isKept, abandoned }: HostScene): EntryScene {
  return { owner: context.owner, hosts, declared, isKept, ...(abandoned && { abandoned }) };
}

function planMissing(prepared: ResolvedRoute, scene: HostScene): RoutePart {
  const { declared, body, target } = prepared;
  // What is made is on at first.
  if (!declared.route.enabled) return toRoutePart({});
  const refusal = findRefusal(prepared, undefined, scene.context);
  if (refusal !== undefined) return refused(declared, refusal);
  if (prepared.unready !== undefined) return waitFor(declared, prepared.unready, scene.context.nowMs);
  const marker = toMarker(declared, scene.context.owner, target);
  const cause: Cause = { reason: 'Missing', message: `${toRouteTitle(declared)} is declared, but missing` };
  return toRoutePart({ steps: [withRef(declared, { kind: 'create-host', body, marker, cause })] });
}

function planPresent(prepared: ResolvedRoute, found: FoundEntry, scene: HostScene): RoutePart {
  const { declared } = prepared;
  const { entry, by } = found;
  const { enabled } = declared.route;
  const switching = planSwitch(prepared, entry);
  // What is to be off is off first: then nginx has nothing to refuse, and nobody is waited for. What is nobody's has to
  // be marked before.
  const isOffFirst = !enabled && by !== 'adopted';
  const off = isOffFirst ? switching : toRoutePart({});
  const refusal = findRefusal(prepared, by === 'marker' ? entry.marker : undefined, scene.context);
  if (refusal !== undefined) {
    return mergeRouteParts([refused(declared, refusal), off, followAsItIs(prepared, entry)]);
  }
  const change = findHostChange(prepared, found);
  const told = toRoutePart({ differences: change.differences });
  if (change.cause === undefined) return mergeRouteParts([told, switching]);
  // A name that does not resolve would take every host of the proxy down.
  const unready = prepared.isResolvedAtReload ? prepared.unready : undefined;
  if (unready !== undefined) {
    return mergeRouteParts([told, off, waitFor(declared, unready, scene.context.nowMs)]);
  }
  // It would have to be made anew, and what is made is on at first: nginx might refuse it.
  if (isOffFirst && entry.kind === 'dead-host' && change.differences.length > 0) {
    const step = { kind: 'delete-host', host: toHostTarget(entry), cause: change.cause } as const;
    return mergeRouteParts([told, toRoutePart({ steps: [withRef(declared, step)] })]);
  }
  const marker = toMarker(declared, scene.context.owner, prepared.target);
  const step = withRef(declared, {
    kind: 'update-host',
    body: prepared.body,
    marker,
    before: entry,
    cause: change.cause,
  });
  const on = isOffFirst ? toRoutePart({}) : holdBackSwitch(switching, entry);
  return mergeRouteParts([told, off, toRoutePart({ steps: [step] }), on]);
}

/** A 404 host is not written but made anew: it has another id then. */
function holdBackSwitch(switching: RoutePart, { kind }: ObservedHostEntry): RoutePart {
  if (kind !== 'dead-host') return switching;
  return { ...switching, steps: switching.steps.map((step) => ({ ...step, after: 'it is made anew' })) };
}

/** What was written back follows the containers all the same, or the one before could never go. */
function followAsItIs({ declared, target, unready }: ResolvedRoute, before: ObservedHostEntry): RoutePart {
  const { marker, body } = before;
  // Without a target it finds whoever has the name.
  const isMoved = target !== undefined && marker?.target !== undefined && marker.target !== target;
  // A port of the host would stand in the body, which is not the declared one.
  const isFoundByName = listUpstreams(declared.route).every(
    (upstream) => upstream.kind === 'address' || upstream.reach === 'network',
  );
  if (!isMoved || !isFoundByName || !isLiteral(body) || unready !== undefined) return toRoutePart({});
  const message = `${toRouteTitle(declared)} leads to another container now`;
  const cause: Cause = { reason: 'SpecChanged', message };
  const step: RouteStep = { kind: 'update-host', body, marker: { ...marker, target }, before, cause };
  return toRoutePart({ steps: [withRef(declared, step)] });
}

export function removeLeftover(entry: ObservedHostEntry): RouteStep {
  const host = toHostTarget(entry);
  return {
    kind: 'delete-host',
    host,
    cause: { reason: 'Superseded', message: `${host.title} of ours holds what another route is to have` },
  };
}

function toMarker({ stack, route }: DeclaredRoute, owner: string, target: string | undefined): RouteMarker {
  const { name, generation } = route;
  return { owner, stack, route: name, generation, ...(target !== undefined && { target }) };
}

function refused(declared: DeclaredRoute, message: string): RoutePart {
  const unblock = isOutsideCause(message)
    ? 'it is tried again by itself'
    : 'change the declaration; to try it once more: POST /api/v1/reconcile';
  return toRoutePart({
    blocks: [toBlock(declared, 'Refused', `nginx refused ${toRouteTitle(declared)}: ${message}`, unblock)],
  });
}

function waitFor(declared: DeclaredRoute, message: string, nowMs: number): RoutePart {
  const wait = {
    lane: toLane(declared),
    reason: 'TargetNotReady',
    message,
    lookAgainAtMs: nowMs + 5_000,
  } as const;
  return toRoutePart({ waits: [wait] });
}

export function toBlock(declared: DeclaredRoute, reason: RouteBlockReason, message: string, unblock: string) {
  return { lane: toLane(declared), reason, message: `${toRouteTitle(declared)}: ${message}`, unblock };
}
