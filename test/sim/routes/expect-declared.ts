// Whether Git has its way, judged without the product: by the rows of the proxy, and by where requests end up.
import type { DesiredRoute } from '#domain/routes/desired-route.ts';
import type { ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import type { RouteState } from '#domain/routes/route-plan.ts';
import { testOwner } from '#test/support/builders.ts';
import { observeHosts } from '#test/support/routes/observe-hosts.ts';
import { badDirective, badName } from './declare-at-random.ts';
import { findRowFault } from './find-row-fault.ts';
import { findTrafficFault } from './find-traffic-fault.ts';
import { fail, type RouteWorld } from './route-world.ts';

/** At rest. */
export function expectDeclared(world: RouteWorld): void {
  const hosts = observeHosts(world.rig.npm);
  for (const { kind, id, marker, enabled, online } of hosts) {
    if (marker?.owner !== testOwner || !enabled || online !== false) continue;
    fail(world, 'whatNginxRefusesStaysNowhere', `${kind} ${id} of ${marker.route}`);
  }
  expectNoMore(world, hosts);
  for (const route of world.declaration.routes) {
    const state = world.rig.daemon.board.reports().find((each) => each.route === route.name)?.state;
    const isHeld = isHeldByBlocked(world, route, hosts);
    const allowed: readonly RouteState[] = isHeld ? ['waiting'] : listStates(route, hosts);
    if (state === undefined || !allowed.includes(state)) {
      fail(world, 'itsStateIsWhatItIs', `${route.name} is ${state} and not ${allowed.join(' or ')}`);
    }
    const fault = state === 'ready' ? findFault(world, route, hosts) : undefined;
    if (fault !== undefined) fail(world, 'itDoesWhatGitSays', `${route.name}: ${fault}`);
  }
}

/** What Git does not know is gone, and nothing was made twice. */
function expectNoMore(world: RouteWorld, hosts: readonly ObservedHostEntry[]): void {
  const { declaration, rig } = world;
  const names = new Set(declaration.routes.map(({ name }) => name));
  const reports = rig.daemon.board.reports();
  const stateOf = (name: string) => reports.find((each) => each.route === name)?.state;
  const routes = hosts.flatMap((host) => {
    const { marker } = host;
    // What is to follow it cannot be made yet, and somebody may still be asking for it.
    const isAwaited = declaration.routes.some(
      (route) => sharesName(route, host) && isToFollow(route, stateOf(route.name)),
    );
    return marker?.owner === testOwner && (names.has(marker.route) || !isAwaited) ? [marker.route] : [];
  });
  const surplus = routes.filter((name, index) => !names.has(name) || routes.indexOf(name) !== index);
  if (surplus.length > 0) fail(world, 'everyRouteIsThereOnce', surplus.join());
}

function isToFollow({ certificate }: DesiredRoute, state: RouteState | undefined): boolean {
  return state === 'waiting' || (state === 'conflict' && certificate.kind === 'letsencrypt');
}

function findFault(world: RouteWorld, route: DesiredRoute, hosts: readonly ObservedHostEntry[]) {
  const own = hosts.filter(({ marker }) => marker?.owner === testOwner && marker.route === route.name);
  const [host] = own;
  if (host === undefined || own.length > 1) return `it has ${own.length} hosts`;
  const { rig, declaration } = world;
  return findRowFault(route, host, rig.npm, declaration) ?? findTrafficFault(route, rig.npm, declaration);
}

/** What a route may be in the end: anything but ready needs a reason that is there to be seen. */
function listStates(route: DesiredRoute, hosts: readonly ObservedHostEntry[]): readonly RouteState[] {
  const rivals = hosts.filter((host) => host.marker?.owner !== testOwner && sharesName(route, host));
  // The names of one that is refused stay with it, and so do those of whoever waits for it.
  const waiting = hosts.some(({ marker }) => marker?.refused !== undefined) ? (['waiting'] as const) : [];
  // What nginx has refused once is neither tried again, nor is another's host taken over for it.
  const refused = isBad(route) ? (['refused'] as const) : [];
  if (rivals.length > 0) {
    const off = route.enabled ? [] : (['disabled'] as const);
    return ['conflict', ...off, ...(route.adopt ? [...waiting, ...refused] : [])];
  }
  if (!route.enabled) return ['disabled', ...waiting, ...(isNotedRefused(route, hosts) ? refused : [])];
  return [isBad(route) ? 'refused' : 'ready', ...waiting];
}

/** One host has a name of it, and another that its own route, in conflict, still declares: that goes on being served. */
export function isHeldByBlocked(
  { declaration, rig }: RouteWorld,
  route: DesiredRoute,
  hosts: readonly ObservedHostEntry[],
): boolean {
  const blocked = rig.daemon.board.reports().filter(({ state }) => state === 'conflict');
  return hosts.some(({ marker, ...host }) => {
    const other = declaration.routes.find(({ name }) => name === marker?.route && name !== route.name);
    const isBlocked = marker?.owner === testOwner && blocked.some((each) => each.route === other?.name);
    return isBlocked && other !== undefined && sharesName(other, host) && sharesName(route, host);
  });
}

/** Of what nginx refused before it was off. */
function isNotedRefused({ name }: DesiredRoute, hosts: readonly ObservedHostEntry[]): boolean {
  return hosts.some(
    ({ marker, enabled }) =>
      marker?.owner === testOwner && marker.route === name && marker.refused !== undefined && !enabled,
  );
}

function isBad(route: DesiredRoute): boolean {
  if (route.kind === 'stream') return false;
  const leads = route.kind === 'http' ? route.locations.map(({ upstream }) => upstream) : [];
  return (
    route.advanced === badDirective ||
    leads.some((upstream) => upstream.kind === 'address' && upstream.host === badName)
  );
}

function sharesName(route: DesiredRoute, { body }: Pick<ObservedHostEntry, 'body'>): boolean {
  if (route.kind !== 'stream') {
    return body.kind !== 'stream' && body.domains.some((domain) => route.hosts.includes(domain));
  }
  if (body.kind !== 'stream' || body.listen !== route.listen) return false;
  return (body.tcp && route.protocol !== 'udp') || (body.udp && route.protocol !== 'tcp');
}
