// An order of a certificate takes hosts out of nginx, and what comes back has lost its protection: whoever is killed
// meanwhile, the next daemon sees it.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { DesiredRoute, HttpRoute } from '#domain/routes/desired-route.ts';
import { insertRow, liveRows } from '#test/support/npm/npm-state.ts';
import { httpRoute } from '#test/support/routes/declare-routes.ts';
import { accessList, certificate } from '#test/support/routes/declare-shared.ts';
import { declared, type NpmRouteRig, startNpmRouteRig } from '#test/support/routes/npm-route-rig.ts';

const proxy = { accessLists: [accessList()], certificates: [certificate('own', ['a.test'])] };
const own = { kind: 'named', name: 'own' } as const;
const issued = { kind: 'letsencrypt', keyType: 'ecdsa' } as const;
const guarded = (certificateOf: DesiredRoute['certificate']): DesiredRoute =>
  declared(httpRoute(['a.test'], { certificate: certificateOf, forceSsl: true, accessList: 'family' }));
const isOrder = ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
  method === 'POST' && path === '/api/nginx/certificates';

const served = ({ npm }: NpmRouteRig): string | undefined =>
  [...npm.nginx.running()].find(([, text]) => text.includes('server_name a.test'))?.[1];

async function start(): Promise<{ readonly rig: NpmRouteRig; readonly file: string | undefined }> {
  const rig = await startNpmRouteRig();
  await rig.converge({ routes: [guarded(own)], proxy });
  const file = served(rig);
  expect(file).toContain('ssl_certificate');
  expect(file).toContain('auth_basic');
  return { rig, file };
}

it('killed after an order that failed, and Git went back meanwhile: its host is as before', async () => {
  const { rig, file } = await start();
  await using _ = rig;
  rig.npm.certbot.failure = 'no';
  const dying = rig.daemon;
  rig.npm.faults.add({ matches: isOrder, kind: 'lose', after: () => dying.kill() });
  // What nginx refuses leaves the host with the declaration of before, to which Git goes back.
  const refused = declared({ ...(guarded(issued) as HttpRoute), advanced: 'no_such_thing on;' });
  await rig.declare({ routes: [refused], proxy });
  await dying.look('anew');
  expect(dying.isGone).toBe(true);
  // What NPM has put back is open to everybody.
  expect(served(rig)).not.toContain('auth_basic');
  await rig.declare({ routes: [guarded(own)], proxy });
  rig.restart();

  await rig.look();

  expect(served(rig)).toBe(file);
  rig.npm.forget();
  await rig.look();
  expect(rig.npm.writes()).toEqual([]);
});

it('killed while an order is under way: nothing is ordered or written before that is over', async () => {
  const { rig } = await start();
  await using _ = rig;
  rig.npm.certbot.delayMs = 400;
  const dying = rig.daemon;
  rig.npm.faults.add({
    matches: isOrder,
    kind: 'none',
    before: () => void setTimeout(() => dying.kill(), 100),
  });
  await rig.declare({ routes: [guarded(issued)], proxy });
  await dying.look('anew');
  rig.restart();
  rig.npm.forget();

  await rig.look();
  await rig.daemon.sleepAndLook();

  expect(rig.npm.writes()).toEqual([]);
  expect(rig.daemon.board.reports()).toMatchObject([{ state: 'waiting' }]);
  await sleep(600);
  await rig.daemon.sleepAndLook();
  expect(rig.npm.certbot.requests).toHaveLength(1);
  expect(rig.daemon.board.reports()).toMatchObject([{ state: 'ready', certificate: 'a.test' }]);
  expect(served(rig)).toContain('auth_basic');
  expect(served(rig)).toContain('/letsencrypt/live/');
});

it('an order that NPM never ended holds nothing up for long', async () => {
  const { rig } = await start();
  await using _ = rig;
  const { state } = rig.npm;
  const row = { provider: 'letsencrypt', nice_name: 'a.test', domain_names: ['a.test'], meta: {} };
  const expires = liveRows(state, 'proxy_host')[0]?.['created_on'];
  insertRow(state, 'certificate', { ...row, owner_user_id: 1, is_deleted: false, expires_on: expires });
  const made = liveRows(state, 'certificate').find(({ provider }) => provider === 'letsencrypt');
  Object.assign(made ?? {}, { created_on: expires });
  await rig.declare({ routes: [guarded(issued)], proxy });
  await rig.look();
  expect(rig.npm.certbot.requests).toEqual([]);

  for (let looks = 0; looks < 8; looks += 1) await rig.daemon.sleepAndLook();

  expect(rig.npm.certbot.requests).toHaveLength(1);
  expect(rig.daemon.board.reports()).toMatchObject([{ state: 'ready' }]);
});

it('killed when a host was switched on under a broken nginx: it is served once that is mended', async () => {
  const { rig, file } = await start();
  await using _ = rig;
  await rig.human.must('POST', '/nginx/proxy-hosts/1/disable');
  expect(served(rig)).toBeUndefined();
  const dying = rig.daemon;
  rig.npm.faults.add({
    matches: ({ method }) => method === 'PUT',
    kind: 'lose',
    before: () => rig.npm.nginx.setCustomInclude('nonsense on;'),
    after: () => dying.kill(),
  });
  await dying.look();
  expect(dying.isGone).toBe(true);
  rig.npm.nginx.setCustomInclude(undefined);
  rig.restart();

  await rig.look();

  expect(served(rig)).toBe(file);
});
