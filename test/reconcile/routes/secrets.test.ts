// No password, key or token gets out, whatever becomes of the calls that carry them.
import { expect, it } from 'vitest';
import { toRouteListView } from '#app/routes/route-views.ts';
import type { NpmFault } from '#test/support/npm/faults.ts';
import { liveRows } from '#test/support/npm/npm-state.ts';
import { httpRoute } from '#test/support/routes/declare-routes.ts';
import { accessList, certificate } from '#test/support/routes/declare-shared.ts';
import { findCanaries } from '#test/support/routes/find-canaries.ts';
import { declared, type NpmRouteRig, startNpmRouteRig } from '#test/support/routes/npm-route-rig.ts';

const account = 'canary of the account';
const users = [
  { username: 'ann', password: 'canary of ann + her/cat' },
  { username: 'bob', password: 'canary of bob?' },
];
const list = accessList({ users });
const own = certificate('own', ['a.test']);
const keyLines = own.keyPem.split('\n').filter((line) => line.length > 20 && !line.startsWith('-'));
const route = declared(
  httpRoute(['a.test'], {
    accessList: 'family',
    certificate: { kind: 'named', name: 'own' },
    forceSsl: true,
  }),
);
const declaration = { routes: [route], proxy: { accessLists: [list], certificates: [own] } };

async function start(): Promise<NpmRouteRig> {
  const rig = await startNpmRouteRig({ daemon: { password: account } });
  for (const row of liveRows(rig.npm.state, 'auth')) row['secret'] = account;
  rig.npm.forget();
  return rig;
}

/** All that NPM ever gave us as a token. */
function listTokens({ npm }: NpmRouteRig): readonly string[] {
  return npm.calls().flatMap(({ answer }) => {
    const token =
      typeof answer === 'object' && answer !== null && 'token' in answer ? answer.token : undefined;
    return typeof token === 'string' ? [token, ...token.split('.').slice(1)] : [];
  });
}

/** Everything that anybody gets to see. */
async function readAll({ daemon, source, npm }: NpmRouteRig): Promise<string> {
  const { board, outcomes, logged, readMetrics } = daemon;
  const told = [board.reports(), board.plan(), board.failure(), board.probed(), outcomes, logged];
  const view = toRouteListView(source.current(), board, npm.url);
  return [JSON.stringify(told), JSON.stringify(view), await readMetrics()].join('\n');
}

const ways: readonly { readonly name: string; readonly fault: NpmFault }[] = [
  { name: 'nothing goes wrong', fault: { kind: 'none' } },
  { name: 'every write fails', fault: { kind: 'fail', status: 500, times: Number.POSITIVE_INFINITY } },
  { name: 'every write is done and fails', fault: { kind: 'fail-done', times: Number.POSITIVE_INFINITY } },
  { name: 'every answer is lost', fault: { kind: 'lose', times: Number.POSITIVE_INFINITY } },
  { name: 'every answer is cut', fault: { kind: 'cut', times: Number.POSITIVE_INFINITY } },
  { name: 'the token is never good', fault: { kind: 'expire', times: Number.POSITIVE_INFINITY } },
  { name: 'a validation fails', fault: { kind: 'fail', status: 400, times: Number.POSITIVE_INFINITY } },
];

it.each(ways)('no secret gets out: $name', async ({ fault }) => {
  await using rig = await start();
  const isWrite = ({ method, path }: { method: string; path: string }) =>
    method !== 'GET' && path.startsWith('/api/nginx/');
  rig.npm.faults.add({ matches: isWrite, ...fault });
  await rig.declare(declaration);
  for (let look = 0; look < 4; look += 1) await rig.daemon.sleepAndLook();
  rig.npm.faults.clear();
  // With the token that it got meanwhile, and with one more.
  rig.npm.faults.add({ kind: 'expire' });
  for (let look = 0; look < 8; look += 1) await rig.daemon.sleepAndLook();
  expect(rig.daemon.board.reports()).toMatchObject([{ state: 'ready' }]);

  const tokens = listTokens(rig);
  const secrets = [account, ...users.map(({ password }) => password), own.keyPem, ...keyLines, ...tokens];
  expect(tokens.length).toBeGreaterThan(0);
  const text = await readAll(rig);
  expect(findCanaries(text, secrets)).toEqual([]);
  // The last resort, at every sink.
  for (const secret of [account, own.keyPem, ...users.map(({ password }) => password), tokens[0] ?? '']) {
    expect(rig.daemon.redactor.redact(`(${secret})`)).toBe('(***)');
  }
});

it('no secret gets out when the login is refused', async () => {
  await using rig = await start();
  for (const row of liveRows(rig.npm.state, 'auth')) row['secret'] = 'another';
  await rig.declare(declaration);
  await rig.look();
  expect(rig.daemon.board.failure()).toMatchObject({ code: 'PROXY_LOGIN_REFUSED' });
  expect(findCanaries(await readAll(rig), [account, ...keyLines])).toEqual([]);
});

it('the search finds what is there, in every form', () => {
  const secret = 'canary of ann + her/cat';
  for (const before of ['', 'x', 'xy', 'xyz']) {
    expect(findCanaries(`..${Buffer.from(`${before}${secret}!`).toString('base64')}..`, [secret])).toEqual([
      secret,
    ]);
  }
  expect(findCanaries(JSON.stringify({ a: 'one "two"' }), ['one "two"'])).toEqual(['one "two"']);
  expect(findCanaries('nothing of it', [secret])).toEqual([]);
});
