// What has come of a proxy, to be compared; and whether its daemon has come to rest.
import type { RouteListView } from '#contract/routes.ts';
import { isWrite } from '../npm/faults.ts';
import { liveRows } from '../npm/npm-state.ts';
import type { TestNpm } from '../npm/start-npm.ts';
import type { TestDaemon } from '../test-daemon.ts';
import type { World } from '../world.ts';
import type { DeclaredProxy } from './declared-proxy.ts';
import {
  type ProxyWorld,
  readEntries,
  readForeign,
  readProxyWorld,
  withoutIdle,
} from './read-proxy-world.ts';

export type ProxyPicture = {
  readonly world: ProxyWorld;
  /** Of what was there before, without being ours. */
  readonly foreign: ReadonlyMap<string, string>;
  /** Names of the certificates of Let's Encrypt. */
  readonly issued: readonly string[];
  readonly entries: readonly string[];
  readonly refused: readonly string[];
  /** Two looks have found nothing to write. */
  readonly isSettled: boolean;
};

export type Goal = {
  readonly after: DeclaredProxy;
  /** Names of routes that nginx refuses. */
  readonly refused?: readonly string[];
};

export async function areAsDeclared(daemon: TestDaemon, { after, refused = [] }: Goal): Promise<boolean> {
  const response = await fetch(`${daemon.url}/api/v1/routes`);
  const { routes, proxy } = (await response.json()) as RouteListView;
  if (!proxy.reachable || proxy.message !== undefined || routes.length !== after.routes.length) return false;
  return routes.every(({ name, state }) =>
    refused.includes(name) ? state === 'refused' : state === 'ready' || state === 'disabled',
  );
}

/** As declared, and the last two looks have found nothing to write. */
export async function isSettled(npm: TestNpm, daemon: TestDaemon, goal: Goal): Promise<boolean> {
  const since = npm.calls().slice(npm.calls().findLastIndex(isWrite) + 1);
  const looks = since.filter(({ path }) => path === '/api/nginx/certificates').length;
  return looks > 1 && (await areAsDeclared(daemon, goal));
}

/** The container that serves stands for its id and address: between two states it may be replaced. */
export async function readWorld(npm: TestNpm, { owner, app, live }: World): Promise<ProxyWorld> {
  const serving = (await live.containers()).find(({ name }) => name === `${app}-${app}-1`);
  const mark = new RegExp(`"target":"${serving?.id.slice(0, 12) ?? 'nobody'}@[^"]*"`);
  const { hosts, ...rest } = withoutIdle(readProxyWorld(npm, owner));
  return { ...rest, hosts: hosts.map((host) => host.replace(mark, '"target":"who serves"')) };
}

export async function readPicture(
  npm: TestNpm,
  world: World,
  daemon: TestDaemon,
  goal: Goal,
): Promise<ProxyPicture> {
  const { owner } = world;
  const response = await fetch(`${daemon.url}/api/v1/routes`);
  const { routes } = (await response.json()) as RouteListView;
  const issued = liveRows(npm.state, 'certificate').filter(({ provider }) => provider === 'letsencrypt');
  const others = [...readForeign(npm, owner)];
  return {
    world: await readWorld(npm, world),
    foreign: new Map(others.filter(([key]) => issued.every(({ id }) => key !== `certificate ${id}`))),
    issued: issued.map((row) => String(row['nice_name'])),
    entries: readEntries(npm, owner),
    refused: routes.flatMap(({ name, state }) => (state === 'refused' ? [name] : [])),
    isSettled: await isSettled(npm, daemon, goal),
  };
}

/** With the last that the daemon has printed. */
export function describeEnd(what: string, daemon: TestDaemon): string {
  return `${what}:\n${daemon.output().split('\n').slice(-12).join('\n')}`;
}
