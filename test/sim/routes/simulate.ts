// One schedule: Git, people and the network have their way with a proxy and with the daemon that looks after it; then
// it calms down, and the proxy must come to be what a new one would be made into.
import type { ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import { runnableRouteSteps } from '#domain/routes/plan-routes.ts';
import { testOwner } from '#test/support/builders.ts';
import { findRow, liveRows, type Row, type TableName } from '#test/support/npm/npm-state.ts';
import { adminCredentials } from '#test/support/npm/start-npm.ts';
import { findCanaries } from '#test/support/routes/find-canaries.ts';
import { type NpmRouteRig, putContainer, startNpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import { observeHosts, tablesOfKinds } from '#test/support/routes/observe-hosts.ts';
import { readForeign, readProxyWorld } from '#test/support/routes/read-proxy-world.ts';
import { createRandom, type Random } from '../random.ts';
import { callMs, type Deadlines, holdDeadlines } from './deadlines.ts';
import { badName, declareAtRandom, type RandomDeclaration } from './declare-at-random.ts';
import { meddle } from './meddle.ts';
import { createWeather, type Weather } from './weather.ts';

export type Violation = { readonly invariant: string; readonly message: string };
export type Verdict = {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly calls: number;
};

type World = {
  readonly random: Random;
  readonly rig: NpmRouteRig;
  readonly weather: Weather;
  readonly tell: (line: string) => void;
  declaration: RandomDeclaration;
  /** All that was told by daemons that were killed, too. */
  readonly told: unknown[];
  foreign: ReadonlyMap<string, string>;
  /** Hosts that somebody edited while nginx was broken: the row says it, and nothing tells that nginx does not. */
  readonly unheard: Set<string>;
  violation: Violation | undefined;
};

const longestCalmLooks = 60;

export async function simulate(seed: number, trace?: (line: string) => void): Promise<Verdict> {
  const deadlines = holdDeadlines();
  try {
    return await simulateWith(seed, deadlines, trace ?? (() => undefined));
  } finally {
    deadlines.restore();
  }
}

async function simulateWith(
  seed: number,
  deadlines: Deadlines,
  tell: (line: string) => void,
): Promise<Verdict> {
  const random = createRandom(seed);
  await using rig = await startNpmRouteRig({
    resolves: (name) => name !== badName,
    daemon: { random: random.next, callMs },
  });
  const world = createWorld(random, rig, deadlines, tell);
  await disturb(world);
  await world.weather.calm();
  tell('calm: nothing befalls anybody from here on');
  if (world.violation === undefined) await expectConverged(world);
  keepTold(world);
  if (world.violation === undefined) findLeaks(world);
  return { seed, violation: world.violation, calls: rig.npm.calls().length };
}

function createWorld(random: Random, rig: NpmRouteRig, deadlines: Deadlines, tell: World['tell']): World {
  const world: World = {
    random,
    rig,
    tell,
    told: [],
    declaration: { routes: [], proxy: { accessLists: [], certificates: [] } },
    foreign: readForeign(rig.npm),
    unheard: new Set(),
    violation: undefined,
    weather: createWeather({
      random,
      rig,
      deadlines,
      tell,
      async meddle() {
        tell(`  somebody ${noteUnheard(world, await meddle(random, rig))}`);
        world.foreign = readForeign(rig.npm);
      },
      check: () => checkForeign(world),
    }),
  };
  return world;
}

function noteUnheard({ unheard }: World, deed: string): string {
  const [, host] = /^edits (\S+ \d+): .*: 500$/.exec(deed) ?? [];
  if (host !== undefined) unheard.add(host);
  return deed;
}

function fail(world: World, invariant: string, message: string): void {
  world.violation ??= { invariant, message };
}

/** What is nobody's or another's stays as it is, but for what a route was told to take over. */
function checkForeign(world: World): void {
  const { rig, foreign } = world;
  const now = readForeign(rig.npm);
  for (const [key, row] of foreign) {
    if (now.get(key) === row || isAdopted(world, key)) continue;
    fail(world, 'whatIsNotOursStays', `${key}: ${row} → ${now.get(key)}`);
  }
  for (const [key, row] of now) {
    // Those of Let's Encrypt cannot be marked: NPM names them after their domains.
    if (row.includes('"provider":"letsencrypt"')) continue;
    if (!foreign.has(key)) fail(world, 'whatWeMakeIsMarked', `${key}: ${row}`);
  }
  world.foreign = now;
}

function isAdopted({ rig, declaration }: World, key: string): boolean {
  const [table, id] = key.split(' ');
  const row = findRow(rig.npm.state, table as TableName, id);
  const meta = (row?.['meta'] ?? {}) as Record<string, unknown>;
  const isDead = table === 'dead_host' && row === undefined;
  return declaration.routes.some(
    ({ adopt, name }) =>
      adopt && (isDead || (meta['shorefast_owner'] === testOwner && meta['shorefast_route'] === name)),
  );
}

async function disturb(world: World): Promise<void> {
  const { random, rig, weather, tell } = world;
  await commit(world);
  for (let turn = random.integer(2, 6); turn > 0 && world.violation === undefined; turn -= 1) {
    weather.badness = random.pick([0, 5, 15, 30]);
    if (random.chance(0.3)) await commit(world);
    if (random.chance(0.15)) putContainer(rig.engine, { stack: 'web', service: 'app' });
    if (random.chance(0.4)) {
      tell(`somebody ${noteUnheard(world, await weather.asSomebodyElse(() => meddle(random, rig)))}`);
      world.foreign = readForeign(rig.npm);
    }
    if (random.chance(0.1) || rig.daemon.isGone) restart(world);
    await look(world);
  }
  if (rig.daemon.isGone) restart(world);
}

async function commit(world: World): Promise<void> {
  const { random, rig, tell } = world;
  world.declaration = declareAtRandom(random);
  tell(`commit: ${JSON.stringify(world.declaration.routes)}`);
  await rig.declare(world.declaration);
}

function restart(world: World): void {
  world.tell('a new daemon');
  keepTold(world);
  world.rig.restart();
}

async function look({ rig, random, tell }: Pick<World, 'rig' | 'random' | 'tell'>): Promise<void> {
  const { daemon } = rig;
  const outcomes = await (random.chance(0.3) ? daemon.look('anew') : daemon.sleepAndLook());
  for (const { step, result, failure } of outcomes) {
    tell(
      `look: ${step.kind} ${step.cause.message}: ${result} ${failure?.code ?? ''} ${failure?.message ?? ''}`,
    );
  }
  if (daemon.board.failure() !== undefined) tell(`look: ${daemon.board.failure()?.message}`);
}

async function expectConverged(world: World): Promise<void> {
  const { rig } = world;
  let faults: readonly string[] = ['not looked yet'];
  let areOrdersOver = false;
  for (let looks = 0; looks < longestCalmLooks && faults.length > 0; looks += 1) {
    await look(world);
    if (world.violation !== undefined) return;
    const approved = approve(world);
    const { board } = rig.daemon;
    const runnable = runnableRouteSteps(board.plan() ?? { steps: [] });
    faults = [approved, board.failure()?.message ?? [], runnable.map(({ cause }) => cause.message)].flat();
    if (faults.length > 0 || areOrdersOver) continue;
    // Of an order that NPM has left behind when it died, nobody can tell that it is over but by its age.
    rig.clock.pass(callMs);
    areOrdersOver = true;
    faults = ['an order may be under way'];
  }
  if (faults.length > 0) return fail(world, 'itComesToRest', faults.join('; '));
  await expectQuiet(world, 'whatIsInSyncIsNotWritten');
  if (world.violation !== undefined) return;
  const wanted = await makeNew(world);
  compareWith(world, wanted);
  await compareServed(world);
  restart(world);
  // What nginx refused before there was a host to note it in is tried once more.
  for (let looks = 0; looks < 2; looks += 1) await look(world);
  await expectQuiet(world, 'aNewDaemonFindsItInSync');
  compareWith(world, wanted);
}

/** Somebody reads the status, and says yes to all that has not been let go yet. */
function approve({ rig }: World): readonly string[] {
  const tokens = (rig.daemon.board.plan()?.blocks ?? []).flatMap(
    ({ unblock }) => /^shorefast approve (\w+)$/.exec(unblock)?.[1] ?? [],
  );
  for (const token of tokens) rig.approvals.approve(token);
  return tokens;
}

async function expectQuiet(world: World, invariant: string): Promise<void> {
  const { rig } = world;
  const before = rig.npm.writes().length;
  await rig.look();
  const writes = rig.npm.writes().slice(before);
  if (writes.length > 0) fail(world, invariant, writes.map(({ method, path }) => `${method} ${path}`).join());
}

type Wanted = { readonly hosts: ReadonlyMap<string, string>; readonly lists: string };

/** Beside the same foreign objects, an empty proxy is made into what Git says, undisturbed. */
async function makeNew({ rig, declaration, foreign }: World): Promise<Wanted> {
  await using fresh = await startNpmRouteRig({ resolves: (name) => name !== badName });
  for (const key of foreign.keys()) copyRow(rig, fresh, key);
  fresh.engine.containers.clear();
  for (const [id, container] of rig.engine.containers) fresh.engine.containers.set(id, container);
  await fresh.declare(declaration);
  for (let looks = 0; looks < 3; looks += 1) await fresh.look();
  return { hosts: listReady(fresh), lists: JSON.stringify(readProxyWorld(fresh.npm).accessLists) };
}

function compareWith(world: World, wanted: Wanted): void {
  const { rig, declaration } = world;
  const found = listReady(rig);
  for (const [route, host] of wanted.hosts) {
    if (found.get(route) === host || waitsForRefused(rig, route) || isContested(world, route)) continue;
    fail(world, 'itIsAsDeclared', `${route}: ${tellDifference(host, found.get(route))}`);
  }
  const names = new Set(declaration.routes.map(({ name }) => name));
  const routes = observeHosts(rig.npm).flatMap(({ marker }) =>
    marker?.owner === testOwner ? [marker.route] : [],
  );
  const surplus = routes.filter((name, index) => !names.has(name) || routes.indexOf(name) !== index);
  if (surplus.length > 0) fail(world, 'everyRouteIsThereOnce', surplus.join());
  const lists = JSON.stringify(readProxyWorld(rig.npm).accessLists);
  if (lists !== wanted.lists) fail(world, 'listsAreAsDeclared', `${wanted.lists} ← ${lists}`);
}

/** A route that was refused keeps the names of before, until somebody mends it. */
function waitsForRefused({ npm, daemon }: NpmRouteRig, route: string): boolean {
  const step = daemon.board.plan()?.steps.find(({ ref }) => ref?.route === route);
  return step?.after !== undefined && observeHosts(npm).some(({ marker }) => marker?.refused !== undefined);
}

/** It has a host, and somebody else made another: a new proxy would take that over. */
function isContested({ rig, declaration }: World, route: string): boolean {
  const report = rig.daemon.board.reports().find((each) => each.route === route);
  return (
    report?.state === 'conflict' && declaration.routes.some(({ name, adopt }) => name === route && adopt)
  );
}

function tellDifference(wanted: string, found: string | undefined): string {
  if (found === undefined) return `${wanted} is not there`;
  const [a, b] = [JSON.parse(wanted), JSON.parse(found)] as Record<string, unknown>[];
  const text = (value: unknown) => JSON.stringify(value);
  const keys = Object.keys({ ...a, ...b }).filter((key) => text(a?.[key]) !== text(b?.[key]));
  return keys.map((key) => `${key}: ${text(a?.[key])} ← ${text(b?.[key])}`).join(', ');
}

function copyRow(from: NpmRouteRig, to: NpmRouteRig, key: string): void {
  const [table, id] = key.split(' ') as [TableName, string];
  const row = findRow(from.npm.state, table, id);
  if (row === undefined) return;
  to.npm.state.tables[table].rows.set(row.id, structuredClone(row));
  to.npm.state.tables[table].nextId = 100_000;
}

/** By route, what is there of those that are as they should be. */
function listReady({ npm, daemon }: NpmRouteRig): ReadonlyMap<string, string> {
  const ready = new Set(
    daemon.board
      .reports()
      .filter(({ state }) => state === 'ready' || state === 'disabled')
      .map(({ route }) => route),
  );
  const hosts = readProxyWorld(npm).hosts.map(
    (text) =>
      JSON.parse(text) as Record<string, unknown> & { marker: NonNullable<ObservedHostEntry['marker']> },
  );
  return new Map(
    hosts
      .filter(({ marker }) => ready.has(marker.route))
      .map(({ marker: { refused: _refused, refusedBecause: _because, ...marker }, ...host }) => [
        marker.route,
        JSON.stringify({ ...host, marker }),
      ]),
  );
}

/** What nginx has of our hosts is what NPM would write of them now: no list and no TLS was lost on the way. */
async function compareServed(world: World): Promise<void> {
  const { rig, weather } = world;
  for (const { kind, id, enabled, online, marker } of observeHosts(rig.npm)) {
    const isOn = enabled && online === true;
    if (marker?.owner !== testOwner || !isOn || kind === 'dead-host' || world.violation) continue;
    // A refused route is not compared with its declaration.
    if (marker.refused !== undefined && world.unheard.has(`${kind} ${id}`)) continue;
    const path = [...rig.npm.nginx.running().keys()].find((each) =>
      each.endsWith(`${tablesOfKinds[kind]}/${id}.conf`),
    );
    const before = path && rig.npm.nginx.running().get(path);
    const row = liveRows(rig.npm.state, tablesOfKinds[kind]).find((each) => each.id === id) as Row;
    const kept = structuredClone(row);
    await weather.asSomebodyElse(() =>
      rig.human.call('PUT', `/nginx/${kind}s/${id}`, {
        certificate_id: row['certificate_id'],
        meta: row['meta'] as object,
      }),
    );
    const after = path && rig.npm.nginx.running().get(path);
    Object.assign(row, kept);
    if (before === undefined || before !== after) {
      fail(world, 'whatIsServedIsWhatTheRowSays', `${kind} ${id}: ${String(before)} ← ${String(after)}`);
    }
  }
}

function keepTold({ rig: { daemon }, told }: World): void {
  told.push([
    daemon.outcomes,
    daemon.logged,
    daemon.board.reports(),
    daemon.board.plan(),
    daemon.board.failure(),
  ]);
}

function findLeaks(world: World): void {
  const { accessLists, certificates } = world.declaration.proxy;
  const passwords = accessLists.flatMap(({ users }) => users.map(({ password }) => password));
  const keys = certificates.map(({ keyPem }) => keyPem.split('\n')[1] ?? '');
  const leaks = findCanaries(JSON.stringify(world.told), [adminCredentials.secret, ...passwords, ...keys]);
  if (leaks.length > 0) fail(world, 'secretsStayInside', leaks.join());
}
