// kill −9 of the real program at the calls that it makes to Nginx Proxy Manager. Whatever the moment, the next one makes
// of the proxy what an undisturbed one does: every host once, none lost, nothing of others touched.
import { afterAll, beforeAll, describe, it } from 'vitest';
import { buildBundle } from '#test/support/build-bundle.ts';
import { isWrite } from '#test/support/npm/faults.ts';
import { createSelfSigned } from '#test/support/npm/self-signed.ts';
import type { DeclaredProxy } from '#test/support/routes/declared-proxy.ts';
import type { KillPoint } from '#test/support/routes/kill-at-call.ts';
import { killAtCutOver } from '#test/support/routes/kill-at-cut-over.ts';
import {
  type Killed,
  openRouteCrashScene,
  type RouteCrashScene,
  type RouteScenario,
} from '#test/support/routes/route-crash-scene.ts';

// All points take a quarter of an hour; else some writes of each scenario are chosen, spread over it.
const isWhole = process.env['SHOREFAST_TEST_CRASHES'] === 'all';
const chosenOfEach = 2;

const pair = createSelfSigned(['a.test', 'old.test']);
const family = {
  family: { users: { ann: { password: 'canary-of-ann' } }, clients: [{ allow: '10.0.0.0/8' }] },
};
const web = (host: string, other: object = {}): object => ({ host, certificate: 'none', ...other });
const elsewhere = { upstream: { host: '10.0.0.5', port: 80 } };
const own = { certificate: 'own' };
const stream = (more: object): object => ({ name: 'tcp', mode: 'l4', ...more });
/** In every state: so what these give the container is there from the beginning, and it is never replaced. */
const base: readonly object[] = [web('base.test'), stream({ listen: 5000 })];
const protectedHost = web('a.test', {
  name: 'a',
  ...elsewhere,
  ...own,
  forceSsl: true,
  accessList: 'family',
});

const first: DeclaredProxy = {
  routes: [
    ...base,
    protectedHost,
    web('b.test', { accessList: 'family' }),
    web('c.test'),
    web('moves.test', { name: 'moves', ...elsewhere }),
    { name: 'old', host: 'old.test', redirect: { to: 'a.test' }, ...own },
    { name: 'dead', host: 'dead.test', notFound: true, certificate: 'none' },
    { mode: 'l4', listen: 5002 },
  ],
  accessLists: family,
  certificates: { own: pair },
};

const second: DeclaredProxy = {
  routes: [
    web('base.test'),
    stream({ listen: 5001, protocol: 'both' }),
    { name: 'a', hosts: ['a.test', 'www.a.test'], ...elsewhere, ...own, accessList: 'guests' },
    web('b.test', { websockets: false }),
    web('moved.test', { name: 'moves', ...elsewhere }),
    web('moves.test', { locations: [{ path: '/api/' }] }),
    { name: 'old', host: 'old.test', redirect: { to: 'b.test' }, ...own },
    { name: 'dead', hosts: ['dead.test', 'more.test'], notFound: true, certificate: 'none' },
  ],
  accessLists: { ...family, guests: { clients: [{ allow: '10.0.0.0/8' }] } },
  certificates: { own: createSelfSigned(['a.test', 'old.test']) },
};

const refusing: DeclaredProxy = {
  ...first,
  routes: [
    ...first.routes.map((route) =>
      route === protectedHost ? { ...route, advanced: 'no_such_thing on;' } : route,
    ),
    web('new.test', { advanced: 'no_such_thing on;' }),
  ],
};

const ordering: DeclaredProxy = {
  ...first,
  routes: [
    ...base,
    { ...protectedHost, certificate: 'letsencrypt' },
    web('n.test', { certificate: 'letsencrypt', accessList: 'family' }),
  ],
};

const firstEntries = [
  'a.test',
  'b.test',
  'base.test',
  'c.test',
  'dead.test',
  'moves.test',
  'old.test',
  'tcp/5000',
  'tcp/5002',
];
const scenarios: readonly RouteScenario[] = [
  { name: 'everything is made', before: { routes: base }, after: first, entries: firstEntries },
  {
    name: 'everything is changed',
    before: first,
    after: second,
    entries:
      'a.test b.test base.test dead.test more.test moved.test moves.test old.test tcp/5001 udp/5001 www.a.test'.split(
        ' ',
      ),
  },
  {
    name: 'nginx refuses some of it',
    before: first,
    after: refusing,
    entries: firstEntries,
    refused: ['a', 'new.test'],
  },
  {
    name: 'three go, with all that they used',
    before: { ...first, routes: first.routes.slice(0, 5) },
    after: { routes: base },
    entries: ['base.test', 'tcp/5000'],
  },
  {
    name: 'certificates of Let’s Encrypt',
    before: { ...first, routes: [...base, protectedHost] },
    after: ordering,
    entries: ['a.test', 'base.test', 'n.test', 'tcp/5000'],
  },
];

let program = '';
beforeAll(async () => {
  program = await buildBundle();
});

/** A read changes nothing: before it is the same as after what came before it. */
function listPoints({ calls }: RouteCrashScene): readonly KillPoint[] {
  const writes = calls.filter(isWrite).length;
  const after = Array.from(
    { length: writes },
    (_, call): KillPoint => ({ moment: 'after', of: 'writes', call }),
  );
  if (!isWhole) {
    return after.filter(
      (_, call) =>
        Math.floor(((call + 1) * chosenOfEach) / writes) > Math.floor((call * chosenOfEach) / writes),
    );
  }
  return [...calls.map((_, call): KillPoint => ({ moment: 'before', of: 'all', call })), ...after];
}

const rows: { readonly name: string; readonly killed: readonly Killed[] }[] = [];

describe.concurrent('killed at any call to the proxy, and started again, it converges', () => {
  it.for(scenarios)('$name', { timeout: 1_800_000 }, async (scenario, { expect }) => {
    await using scene = await openRouteCrashScene(scenario, program);
    const { wanted } = scene;
    expect({ ...wanted, refused: wanted.refused.toSorted() }).toMatchObject({
      entries: scenario.entries,
      refused: scenario.refused ?? [],
      isSettled: true,
    });
    const killed: Killed[] = [];
    for (const point of listPoints(scene)) {
      const done = await scene.killAt(point);
      if (done === undefined) {
        // Later reads may be fewer in another run, writes may not.
        expect(point.of, `no call ${point.call}`).toBe('all');
        continue;
      }
      const { what, found } = done;
      expect(found, `${scenario.name}: killed ${point.moment} ${what}, call ${point.call + 1}`).toEqual(
        wanted,
      );
      killed.push(done);
    }
    rows.push({ name: scenario.name, killed });
    expect(killed.length).toBeGreaterThanOrEqual(
      isWhole ? 2 * scene.calls.filter(isWrite).length : chosenOfEach,
    );
  });

  it('while routes follow a new container', { timeout: 600_000 }, async ({ expect }) => {
    // One write for the host with a location, one for the stream.
    const moments = isWhole ? (['after', 'before'] as const) : (['after'] as const);
    const points = moments.flatMap((moment) =>
      (isWhole ? [0, 1] : [0]).map((call): KillPoint => ({ moment, of: 'writes', call })),
    );
    const killed: Killed[] = [];
    for await (const { what, recoveryMs, before, found } of killAtCutOver(points, program)) {
      const point = points[killed.length];
      // In both, the target of the mark is who serves.
      expect(found, `killed ${point?.moment} ${what}`).toEqual(before);
      expect(found.entries).toEqual(['a.test', 'tcp/5000']);
      if (point !== undefined) killed.push({ point, what, recoveryMs, found });
    }
    rows.push({ name: 'routes follow a new container', killed });
    expect(killed).toHaveLength(points.length);
  });

  afterAll(() => {
    process.stdout.write(`${formatMatrix()}\n`);
  });
});

function formatMatrix(): string {
  const lines = rows.map(({ name, killed }) => {
    const slowestMs = Math.max(...killed.map(({ recoveryMs }) => recoveryMs));
    const count = (moment: string) => killed.filter(({ point }) => point.moment === moment).length;
    return `${name}: ${killed.length} kills (${count('before')} before, ${count('after')} after a call), all converged, the slowest in ${(slowestMs / 1000).toFixed(1)} s`;
  });
  const total = rows.reduce((sum, { killed }) => sum + killed.length, 0);
  return `\nKills of the daemon at calls to the proxy: ${total} in ${rows.length} of ${scenarios.length + 1} scenarios\n${lines.join('\n')}\n`;
}
