import { expect, it } from 'vitest';
import { toTotpCode } from '#adapters/npm/totp.ts';
import { adminCredentials } from '#test/support/npm/start-npm.ts';
import { errorOf, given, marker, type NpmRig, proxyHost, redirectionHost, startRig } from './npm-fixture.ts';

const hourMs = 3_600_000;

function logins(rig: NpmRig) {
  return rig.npm.calls().filter(({ method, path }) => method === 'POST' && path === '/api/tokens');
}

function refreshes(rig: NpmRig) {
  return rig.npm.calls().filter(({ method, path }) => method === 'GET' && path === '/api/tokens');
}

it('one login serves all calls', async () => {
  await using rig = await startRig();
  await given(rig);
  rig.npm.forget();
  await rig.observe();
  await rig.observe();
  expect(logins(rig)).toEqual([]);
  expect(rig.facts.filter(({ kind }) => kind === 'token')).toHaveLength(1);
});

it('the token is exchanged before it ends, and never for a month, which would be a minute', async () => {
  await using rig = await startRig();
  await rig.observe();
  rig.npm.forget();

  rig.clock.offsetMs = 17 * hourMs;
  await rig.observe();
  expect(refreshes(rig)).toEqual([]);

  rig.clock.offsetMs = 19 * hourMs;
  await rig.observe();
  expect(refreshes(rig).map(({ query }) => query)).toEqual(['']);
  expect(logins(rig)).toEqual([]);

  rig.clock.offsetMs = 30 * hourMs;
  expect((await rig.observe()).hosts).toEqual([]);
});

it('a token that ended while the machine slept is exchanged by a login', async () => {
  await using rig = await startRig();
  await rig.observe();
  rig.clock.offsetMs = 48 * hourMs;
  expect((await rig.observe()).hosts).toEqual([]);
});

it.each([
  ['2.11.3', 401],
  ['2.12.6', 401],
  ['2.13.0', 400],
  ['2.15.1', 400],
  ['2.16.0', 400],
])('%s: a wrong password stalls', async (version, status) => {
  await using rig = await startRig({ version }, { password: 'quite-wrong' });
  const error = await errorOf(rig.observe());
  expect(error).toMatchObject({ code: 'PROXY_LOGIN_REFUSED', reaction: 'stall', status });
  expect(error.message).not.toContain('quite-wrong');
});

// The status table, a row each: whatever the version answers, a login mends it.
const versions = ['2.9.22', '2.11.3', '2.12.6', '2.13.0', '2.15.1', '2.16.0'];

it.each(versions)(
  '%s: with a token that has expired, reading and writing go on after a login',
  async (version) => {
    await using rig = await startRig({ version });
    const before = await given(rig);
    rig.npm.faults.add({ matches: ({ path }) => path.includes('/nginx/'), kind: 'expire' });
    expect((await rig.observe()).hosts).toHaveLength(1);
    expect(logins(rig)).toHaveLength(1);

    rig.npm.faults.add({ matches: ({ method }) => method === 'PUT', kind: 'expire' });
    const body = proxyHost({ forwardPort: 4000 });
    const { host } = await rig.run({ kind: 'update-host', body, marker, before });
    expect(host?.body).toEqual(body);
    expect(logins(rig)).toHaveLength(2);
  },
);

it.each(versions)(
  '%s: a token of a proxy that was set up anew is a 500, and mended by a login',
  async (version) => {
    await using rig = await startRig({ version });
    const before = await given(rig);
    await changeKey(rig);
    expect((await rig.observe()).hosts).toHaveLength(1);
    expect(logins(rig)).toHaveLength(1);

    await changeKey(rig);
    const { host } = await rig.run({
      kind: 'update-host',
      body: proxyHost({ forwardPort: 4000 }),
      marker,
      before,
    });
    expect(host?.body).toMatchObject({ forwardPort: 4000 });
    expect(rig.npm.writes().filter(({ status }) => status === 200)).toHaveLength(1);
  },
);

it.each(versions)(
  '%s: an account that was disabled is refused, and not taken for absent hosts',
  async (version) => {
    await using rig = await startRig({ version });
    const { kind, id } = await given(rig);
    const user = [...rig.npm.state.tables.user.rows.values()][0]!;
    user['is_disabled'] = true;

    expect((await errorOf(rig.observe())).code).toBe('PROXY_LOGIN_REFUSED');
    const host = { kind, id, title: 'x' };
    expect((await errorOf(rig.run({ kind: 'delete-host', host }))).code).toBe('PROXY_LOGIN_REFUSED');
    expect(rig.npm.state.tables.proxy_host.rows.get(id)?.['is_deleted']).not.toBe(true);
  },
);

it.each(versions)(
  '%s: what the account may not see is told as hidden, at the cost of no login',
  async (version) => {
    await using rig = await startRig({ version });
    const robo = await startRobo(rig, { streams: 'hidden', access_lists: 'hidden' });
    rig.npm.forget();

    const { hidden, hosts } = await robo.observe();
    expect(hidden).toEqual(['stream', 'access-list']);
    expect(hosts).toEqual([]);
    await robo.observe();
    expect(logins(rig)).toHaveLength(1);
  },
);

it.each(versions)('%s: what the account may not change is denied, and stalls', async (version) => {
  await using rig = await startRig({ version });
  const robo = await startRobo(rig, { redirection_hosts: 'view' });
  const error = await errorOf(robo.run({ kind: 'create-host', body: redirectionHost(), marker }));
  expect(error).toMatchObject({ code: 'PROXY_DENIED', reaction: 'stall' });
  expect(error.message).toBe('the account may not POST /nginx/redirection-hosts');
  expect((await rig.observe()).hosts).toEqual([]);
});

it.each(versions)(
  "%s: another owner's host is absent to an account that sees its own only",
  async (version) => {
    await using rig = await startRig({ version });
    const before = await given(rig);
    const robo = await startRobo(rig, { visibility: 'user' });
    expect((await robo.observe()).hosts).toEqual([]);
    const error = await errorOf(robo.run({ kind: 'update-host', body: proxyHost(), marker, before }));
    expect(error).toMatchObject({ code: 'PROXY_FAILED', status: 404 });
  },
);

it('a second factor is answered when its secret is set', async () => {
  await using rig = await startRig();
  const totp = await turnSecondFactorOn(rig);
  await using second = await rig.again({ totp });
  expect((await second.observe()).hosts).toEqual([]);
});

it('a second factor without a secret stalls, and says what to set', async () => {
  await using rig = await startRig();
  await turnSecondFactorOn(rig);
  await using second = await rig.again({});
  const error = await errorOf(second.observe());
  expect(error).toMatchObject({ code: 'PROXY_NEEDS_2FA', reaction: 'stall' });
  expect(error.message).toContain('npm.totp');
});

it('a second factor with another secret is refused', async () => {
  await using rig = await startRig();
  await turnSecondFactorOn(rig);
  await using second = await rig.again({ totp: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' });
  const error = await errorOf(second.observe());
  expect(error).toMatchObject({ code: 'PROXY_LOGIN_REFUSED', reaction: 'stall' });
  expect(error.message).toContain('Invalid verification code');
});

it('passwords, tokens and challenges go to the redactor', async () => {
  await using rig = await startRig();
  const totp = await turnSecondFactorOn(rig);
  await using second = await rig.again({ totp });
  await second.observe();
  const answers = rig.npm.calls().map(({ answer }) => answer as { token?: string; challenge_token?: string });
  const secrets = [
    adminCredentials.secret,
    totp,
    ...answers.flatMap((answer) => [answer?.token, answer?.challenge_token]),
  ].filter((value) => value !== undefined);
  expect(secrets.length).toBeGreaterThan(3);
  for (const secret of secrets.slice(-2)) expect(second.redactor.redact(`a ${secret} b`)).toBe('a *** b');
});

async function changeKey(rig: NpmRig): Promise<void> {
  const { generateKeyPairSync } = await import('node:crypto');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  rig.npm.state.tokenKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function startRobo(rig: NpmRig, permissions: Record<string, string>) {
  const { body } = await rig.call('POST', '/users', {
    name: 'Robo',
    nickname: 'robo',
    email: 'robo@example.com',
    roles: [],
    is_disabled: false,
    auth: { type: 'password', secret: 'robo-pass-1' },
  });
  const { id } = body as { id: number };
  await rig.call('PUT', `/users/${id}/permissions`, {
    visibility: 'all',
    proxy_hosts: 'manage',
    redirection_hosts: 'manage',
    dead_hosts: 'manage',
    streams: 'manage',
    access_lists: 'manage',
    certificates: 'manage',
    ...permissions,
  });
  return rig.again({ identity: 'robo@example.com', password: 'robo-pass-1' });
}

async function turnSecondFactorOn(rig: NpmRig): Promise<string> {
  const { body } = await rig.call('POST', '/users/1/2fa');
  const { secret } = body as { secret: string };
  const code = toTotpCode(secret, Date.now());
  expect((await rig.call('POST', '/users/1/2fa/enable', { code })).status).toBe(200);
  return secret;
}
