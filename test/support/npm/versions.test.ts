import { expect, it } from 'vitest';
import { totpAt } from './api/two-factor.ts';
import { callApi, loginTo, type NpmClient, proxyHost } from './npm-client.ts';
import { adminCredentials, startNpm, type TestNpm } from './start-npm.ts';

// What other versions answer in another way, as far as a client meets it. Read in NPM's history, not recorded.

async function withVersion(
  version: string,
  act: (npm: TestNpm, client: NpmClient) => Promise<void>,
): Promise<void> {
  await using npm = await startNpm({ version });
  await act(npm, await loginTo(npm));
}

it.each([
  ['2.9.22', 401, 'No relevant user found'],
  ['2.12.6', 401, 'Invalid email or password'],
  ['2.15.1', 400, 'Invalid email or password'],
])('%s answers a failed login with %i', (version, status, message) =>
  withVersion(version, async (npm) => {
    const body = { identity: 'nobody@example.com', secret: 'x' };
    expect(await callApi(npm.url, undefined, { method: 'POST', path: '/tokens', body })).toMatchObject({
      status,
      body: { error: { message } },
    });
  }),
);

it.each([
  ['2.12.6', 403, 'Permission Denied'],
  ['2.13.0', 404, 'Not Found - /nginx/streams'],
  ['2.16.0', 403, 'Permission Denied'],
])('%s answers a request without a token with %i', (version, status, message) =>
  withVersion(version, async (npm) => {
    const asked = { method: 'GET', path: '/nginx/streams' };
    expect(await callApi(npm.url, undefined, asked)).toMatchObject({ status, body: { error: { message } } });
  }),
);

it.each([
  ['2.11.3', 1, 0],
  ['2.12.0', true, false],
])('%s tells flags as %j and %j', (version, yes, no) =>
  withVersion(version, async (_npm, client) => {
    const answer = await client.must('POST', '/nginx/proxy-hosts', proxyHost('a.test'));
    expect(answer).toMatchObject({ enabled: yes, caching_enabled: no, owner: { is_disabled: no } });
  }),
);

it('flags of 404 hosts stayed numbers until 2.12.4', () =>
  withVersion('2.12.3', async (_npm, client) => {
    const answer = await client.must('POST', '/nginx/dead-hosts', { domain_names: ['a.test'] });
    expect(answer).toMatchObject({ ssl_forced: 0, enabled: true });
  }));

it('fields are refused, and not answered, by versions that do not know them', async () => {
  await withVersion('2.13.7', async (_npm, client) => {
    const body = proxyHost('a.test', { trust_forwarded_proto: true });
    expect(await client.call('POST', '/nginx/proxy-hosts', body)).toMatchObject({ status: 400 });
    expect(await client.must('POST', '/nginx/proxy-hosts', proxyHost('a.test'))).not.toHaveProperty(
      'trust_forwarded_proto',
    );
  });
  await withVersion('2.12.2', async (_npm, client) => {
    const stream = { incoming_port: 1, forwarding_host: 'a', forwarding_port: 1 };
    expect(await client.must('POST', '/nginx/streams', stream)).not.toHaveProperty('certificate_id');
    expect(await client.call('POST', '/nginx/streams', { ...stream, certificate_id: 1 })).toMatchObject({
      status: 400,
    });
  });
});

it('before 2.12.0 unknown fields are passed over, and fewer domains fit into a host', () =>
  withVersion('2.10.4', async (_npm, client) => {
    expect(
      await client.must('POST', '/nginx/proxy-hosts', proxyHost('a.test', { foo: 1 })),
    ).not.toHaveProperty('foo');
    const domain_names = Array.from({ length: 16 }, (_, index) => `d${index}.test`);
    expect(
      await client.call('POST', '/nginx/proxy-hosts', proxyHost('b.test', { domain_names })),
    ).toMatchObject({
      body: { error: { message: 'data/domain_names must NOT have more than 15 items' } },
    });
  }));

it('the first admin is there before 2.13.0, and made by whoever comes first afterwards', async () => {
  await using before = await startNpm({ version: '2.12.6', hasAdmin: false });
  await loginTo(before, adminCredentials);
  expect((await callApi(before.url, undefined, { method: 'GET', path: '/' })).body).not.toHaveProperty(
    'setup',
  );
  await using after = await startNpm({ version: '2.13.0', hasAdmin: false });
  expect((await callApi(after.url, undefined, { method: 'GET', path: '/' })).body).toMatchObject({
    setup: false,
  });
});

it('requests that came later are not there before', async () => {
  await withVersion('2.12.6', async (_npm, client) => {
    expect((await client.call('GET', '/nginx/certificates/dns-providers')).status).toBe(400);
    expect((await client.call('GET', '/nginx/certificates/test-http?domains=["a.test"]')).status).toBe(200);
    expect((await client.call('GET', '/version/check')).status).toBe(404);
  });
});

it('the description of the API tells which fields a request may have, from 2.12.0 on', async () => {
  await withVersion('2.13.7', async (_npm, client) => {
    const document = await client.must('GET', '/schema');
    const request = '/nginx/proxy-hosts.post.requestBody.content.application/json.schema.properties';
    const properties = request
      .split('.')
      .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], document['paths']);
    expect(properties).toHaveProperty('forward_host');
    expect(properties).not.toHaveProperty('trust_forwarded_proto');
  });
  await withVersion('2.11.3', async (_npm, client) => {
    expect(await client.must('GET', '/schema')).not.toHaveProperty('openapi');
  });
});

it('a version to come answers fields that nobody knows', () =>
  withVersion('2.16.0', async (_npm, client) => {
    expect(await client.must('POST', '/nginx/proxy-hosts', proxyHost('a.test'))).toHaveProperty(
      'future_object',
    );
  }));

it('other databases tell times as ISO', async () => {
  await using npm = await startNpm({ timestamps: 'iso' });
  const client = await loginTo(npm);
  const { created_on: created } = await client.must('POST', '/nginx/proxy-hosts', proxyHost('a.test'));
  expect(created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
});

it('a second factor asks for a code at login', async () => {
  await using npm = await startNpm();
  const client = await loginTo(npm);
  const { secret } = await client.must('POST', '/users/me/2fa');
  await client.must('POST', '/users/me/2fa/enable', { code: totpAt(String(secret), Date.now()) });
  const { body } = await callApi(npm.url, undefined, {
    method: 'POST',
    path: '/tokens',
    body: adminCredentials,
  });
  expect(body).toMatchObject({ requires_2fa: true, challenge_token: expect.any(String) });
  const { challenge_token } = body as { challenge_token: string };
  const answer = { challenge_token, code: totpAt(String(secret), Date.now()) };
  expect(
    await callApi(npm.url, undefined, { method: 'POST', path: '/tokens/2fa', body: answer }),
  ).toMatchObject({ status: 200, body: { token: expect.any(String) } });
});
