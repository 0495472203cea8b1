// A route of which something is missing that it names, and the order of a certificate for one.
import type { ChosenCertificate } from './choose-certificate.ts';
import { sharesEntry } from './describe-host.ts';
import { isOrphan } from './find-entry.ts';
import { planSwitch } from './find-host-change.ts';
import type { HostBody, ObservedHostEntry, ObservedProxy } from './observed-proxy.ts';
import {
  type HostScene,
  type PlannedHost,
  planHost,
  removeLeftover,
  toBlock,
  toEntryScene,
} from './plan-host.ts';
import type { PreparedRoute } from './prepare-route.ts';
import { type DeclaredRoute, toRouteKey } from './route-context.ts';
import { mergeRouteParts, type RoutePart, toLane, toRoutePart, toRouteTitle, withRef } from './route-part.ts';
import { toHostBody, toHostKind } from './to-host-body.ts';

/** `wanted`: what it would be, as far as its names go, when only a certificate is missing. */
export function planObstructed(
  prepared: PreparedRoute,
  wanted: HostBody | undefined,
  scene: HostScene,
): PlannedHost {
  const { declared, obstacle } = prepared;
  const { owner, nowMs } = scene.context;
  const entry = findOwn(declared, scene.hosts, owner);
  const found = entry && ({ entry, by: 'marker' } as const);
  const isOff = !declared.route.enabled;
  const off = isOff && entry !== undefined ? planSwitch(prepared, entry) : toRoutePart({});
  const obstructed = { part: mergeRouteParts([planObstacle(declared, obstacle, nowMs), off]), found };
  if (wanted === undefined) return obstructed;
  // What is off is not made, and nothing is ordered for it: that would be waited for without end.
  if (isOff) return { part: off, found };
  const judged = planHost({ ...prepared, body: wanted }, scene).part;
  if (judged.blocks.length > 0) return { part: toRoutePart({ blocks: judged.blocks }), found };
  if (prepared.request?.isOrdered === true) return obstructed;
  const room = planRoomForOrder(declared, wanted, scene);
  if (room.steps.length > 0) return { part: room, found };
  const after = judged.steps.find((step) => step.after !== undefined)?.after;
  if (after !== undefined) {
    return { part: planObstacle(declared, { kind: 'wait', message: after }, nowMs), found };
  }
  const { waits: _, ...part } = planRequest(prepared, { part: toRoutePart({}), found }, nowMs).part;
  return { part: { ...part, waits: [] }, found };
}

/** An order brings the hosts of its names back into nginx unasked: one that nginx refuses would break it for all. */
function planRoomForOrder(declared: DeclaredRoute, wanted: HostBody, scene: HostScene): RoutePart {
  const entryScene = toEntryScene(scene);
  const refused = scene.hosts.filter(
    (entry) =>
      entry.enabled &&
      entry.online !== true &&
      sharesEntry(entry.body, wanted) &&
      isOrphan(entry, entryScene),
  );
  return toRoutePart({ steps: refused.map((entry) => withRef(declared, removeLeftover(entry))) });
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
    case 'wait':
      return toRoutePart({ waits: [{ ...wait, reason: 'TargetNotReady', message: obstacle.message }] });
    default:
      return toRoutePart({
        waits: [{ ...wait, reason: 'CertificatePending', message: obstacle?.message ?? 'it is being made' }],
      });
  }
}

/**
 * An order takes hosts of its names out of nginx for a while, and brings them back unasked: those of others must not be
 * among them, nor one that nginx refuses.
 */
export function planRequest(
  { declared, request }: PreparedRoute,
  planned: PlannedHost,
  nowMs: number,
): PlannedHost {
  const { blocks, steps, waits } = planned.part;
  const host = planned.found?.entry;
  // What is off needs none yet, and may have been written without a test.
  const isOff = !declared.route.enabled || host?.enabled === false;
  const isRefused = host !== undefined && host.online !== true;
  const isHeldUp = isOff || isRefused || blocks.length > 0 || steps.some(({ after }) => after !== undefined);
  if (request === undefined || isHeldUp) return planned;
  const { name, keyType, isOrdered = false } = request;
  if (isOrdered) {
    const wait = toOrderWait(declared, name, nowMs);
    return { ...planned, part: { ...planned.part, waits: [...waits, wait] } };
  }
  const domains = declared.route.kind === 'stream' ? [] : declared.route.hosts;
  const cause = { reason: 'Missing', message: `${toRouteTitle(declared)} needs a certificate` } as const;
  const step = withRef(declared, { kind: 'request-certificate', name, domains, keyType, cause });
  return { ...planned, part: { ...planned.part, steps: [...steps, step] } };
}

function toOrderWait(declared: DeclaredRoute, name: string, nowMs: number) {
  const message = `a certificate for ${name} is issued`;
  const reason = 'CertificatePending' as const;
  return { lane: toLane(declared), reason, message, lookAgainAtMs: nowMs + 5_000 };
}

export function findOwn(
  declared: DeclaredRoute,
  hosts: readonly ObservedHostEntry[],
  owner: string,
): ObservedHostEntry | undefined {
  return hosts.find(
    ({ marker }) => marker?.owner === owner && `${marker.stack}/${marker.route}` === toRouteKey(declared),
  );
}

/**
 * What it is to take over, which so is ours before anything is ordered: an order takes from others what only we would
 * bring back.
 */
export function findAdoptable(
  prepared: Pick<PreparedRoute, 'declared'>,
  hosts: readonly ObservedHostEntry[],
): ObservedHostEntry | undefined {
  const { route } = prepared.declared;
  if (!route.adopt) return undefined;
  const wanted = toNamesAlone(prepared);
  return hosts.find(
    ({ kind, marker, body }) =>
      kind === toHostKind(route) && marker === undefined && sharesEntry(body, wanted),
  );
}

export function toCurrent(
  entry: ObservedHostEntry | undefined,
  { certificates }: ObservedProxy,
): ChosenCertificate | undefined {
  if (entry === undefined) return undefined;
  const id = entry.body.certificateId;
  const certificate = certificates.find((each) => each.id === id);
  // One that is gone must not be asked for again: nginx would take no configuration at all.
  return { kind: 'chosen', id: certificate === undefined ? 0 : id, ...(certificate && { certificate }) };
}

/** What others may be in the way of, before it is known what it will be. */
export function toNamesAlone({ declared }: Pick<PreparedRoute, 'declared'>): HostBody {
  const upstream = { host: '', port: 0 };
  return toHostBody(declared.route, { upstream, locations: [], certificateId: 0, accessListId: 0 });
}
