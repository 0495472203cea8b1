// A commit that changes one route while nothing befalls anybody: the others are served all along and are not written,
// what nginx refuses is tried once and costs nothing, and a revert leaves everything as it was.
import type { DesiredRoute } from '#domain/routes/desired-route.ts';
import { testOwner } from '#test/support/builders.ts';
import type { RecordedNpmCall } from '#test/support/npm/faults.ts';
import { declared } from '#test/support/routes/npm-route-rig.ts';
import { observeHosts } from '#test/support/routes/observe-hosts.ts';
import { readProxyWorld } from '#test/support/routes/read-proxy-world.ts';
import { comeToRest } from './come-to-rest.ts';
import { badDirective } from './declare-at-random.ts';
import { expectDeclared } from './expect-declared.ts';
import { findTrafficFault } from './find-traffic-fault.ts';
import { fail, type RouteWorld } from './route-world.ts';

type Change = {
  readonly name: 'spoil' | 'remove' | 'rename' | 'alter';
  readonly routes: readonly DesiredRoute[];
  /** Whose requests end up where they did at every moment. */
  readonly served: readonly DesiredRoute[];
};

export async function expectCalmCommit(world: RouteWorld): Promise<void> {
  const { rig, declaration: before } = world;
  const reports = rig.daemon.board.reports();
  const ready = before.routes.filter(({ name }) =>
    reports.some(({ route, state }) => route === name && state === 'ready'),
  );
  const route = world.random.pickAny(ready);
  if (route === undefined) return;
  const others = ready.filter((each) => each !== route);
  const change = changeOne(world, route, others);
  const rest = before.routes.filter((each) => each !== route);
  const isAllReady = reports.every(({ state }) => state === 'ready' || state === 'disabled');
  const hosts = readHosts(world);

  const made = rig.npm.writes().length;
  await declareCalmly(world, change.name, [...rest, ...change.routes], change.served);
  const writes = rig.npm.writes().slice(made);
  expectUnwritten(world, others, writes);
  if (change.name === 'spoil') expectHarmless(world, route, writes);
  await declareCalmly(world, 'revert', before.routes, others);
  const after = readHosts(world);
  if (isAllReady && after !== hosts) fail(world, 'aRevertBringsItBack', `${hosts} ← ${after}`);
}

/** That something was refused stays noted until the next write. */
function readHosts({ rig }: RouteWorld): string {
  return readProxyWorld(rig.npm)
    .hosts.map((host) => host.replace(/,"refused":.*?(?=\}\})/, ''))
    .join('\n');
}

function changeOne({ random }: RouteWorld, route: DesiredRoute, others: readonly DesiredRoute[]): Change {
  const name = random.pick(['spoil', 'remove', 'rename', 'alter']);
  // A 404 host is not changed but made anew (and gone meanwhile).
  const served = route.kind === 'not-found' ? others : [...others, route];
  switch (name) {
    case 'remove':
      return { name, routes: [], served: others };
    case 'rename':
      return { name, routes: [declared({ ...route, name: `${route.name}-anew` })], served };
    case 'spoil':
      if (route.kind === 'stream') return { name: 'remove', routes: [], served: others };
      return { name, routes: [declared({ ...route, advanced: badDirective })], served: others };
    case 'alter':
      if (route.kind !== 'http') return { name: 'remove', routes: [], served: others };
      return { name, routes: [declared({ ...route, websockets: !route.websockets })], served };
  }
}

async function declareCalmly(
  world: RouteWorld,
  what: string,
  routes: readonly DesiredRoute[],
  served: readonly DesiredRoute[],
): Promise<void> {
  const { rig, declaration, tell } = world;
  if (world.violation !== undefined) return;
  tell(`commit in the calm: ${what}`);
  world.declaration = { ...declaration, routes: routes.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
  await rig.declare(world.declaration);
  world.watch = () => {
    for (const route of served) {
      const fault = findTrafficFault(route, rig.npm, declaration);
      if (fault !== undefined) fail(world, 'whatIsNotChangedIsServed', `${route.name}: ${fault}`);
    }
  };
  await comeToRest(world);
  world.watch = undefined;
  expectDeclared(world);
}

function expectUnwritten(
  world: RouteWorld,
  routes: readonly DesiredRoute[],
  writes: readonly RecordedNpmCall[],
): void {
  const { npm } = world.rig;
  const paths = observeHosts(npm)
    .filter(({ marker }) => marker?.owner === testOwner && routes.some(({ name }) => name === marker.route))
    .map(({ kind, id }) => `/api/nginx/${kind}s/${id}`);
  const write = writes.find(({ path }) => paths.some((each) => path === each || path.startsWith(`${each}/`)));
  if (write !== undefined) fail(world, 'whatIsNotChangedIsNotWritten', `${write.method} ${write.path}`);
}

/** It is tried once, and the host does what it did. */
function expectHarmless(world: RouteWorld, route: DesiredRoute, writes: readonly RecordedNpmCall[]): void {
  const { npm } = world.rig;
  const tries = writes.filter(({ body }) => JSON.stringify(body ?? '').includes(badDirective));
  if (tries.length !== 1) fail(world, 'whatIsRefusedIsTriedOnce', `${route.name}: ${tries.length} times`);
  const fault = findTrafficFault(route, npm, world.declaration);
  if (fault !== undefined) fail(world, 'whatIsRefusedCostsNothing', `${route.name}: ${fault}`);
}
