import { expect, it } from 'vitest';
import { toAccessList, toCertificate } from '#adapters/npm/read-shared.ts';
import { toRefusedWish } from '#adapters/npm/refused-wish.ts';
import { toHostEntry } from '#adapters/npm/to-host-entry.ts';
import { findDifferences, toHostRequest } from '#adapters/npm/to-host-request.ts';
import { toRows } from '#adapters/npm/wire.ts';
import type { HostKind } from '#domain/routes/observed-proxy.ts';
import { resolveProxyAbilities } from '#domain/routes/proxy-abilities.ts';
import { type Exchange, readRecordings } from '#test/support/npm/recordings.ts';
import { marker } from './npm-fixture.ts';

const abilities = resolveProxyAbilities('2.15.1');
const exchanges = readRecordings().flatMap((scenario) => scenario.exchanges);

/** Answers with one row or many, of a collection. */
function rowsOf(collection: string): readonly unknown[] {
  const pattern = new RegExp(`^/api/nginx/${collection}(/\\d+)?(\\?.*)?$`);
  const answers = exchanges.filter(
    ({ path, status, method, answer }: Exchange) =>
      pattern.test(path) && status < 300 && method !== 'DELETE' && answer !== undefined,
  );
  return answers.flatMap(({ answer }) => (Array.isArray(answer) ? toRows(collection, answer) : [answer]));
}

it.each([
  ['proxy-host', 100],
  ['redirection-host', 5],
  ['dead-host', 5],
  ['stream', 20],
] as const)('every recorded %s can be read, and written as it was read', (kind: HostKind, least) => {
  const rows = rowsOf(`${kind}s`);
  expect(rows.length).toBeGreaterThanOrEqual(least);
  for (const row of rows) {
    const host = toHostEntry(kind, row);
    const request = toHostRequest({ ...host, marker }, abilities);
    expect(Object.keys(request)).not.toContain('id');
    expect(Object.keys(request)).not.toContain('enabled');
    const back = toHostEntry(kind, { ...(row as object), ...request });
    expect(findDifferences({ ...host, marker }, back, abilities)).toEqual([]);
    expect(back.body).toEqual(host.body);
  }
});

it('quirk 15: of the recorded answers no password, hash, hint or key is kept', () => {
  const kept = JSON.stringify([
    rowsOf('proxy-hosts').map((row) => toHostEntry('proxy-host', row)),
    rowsOf('access-lists').map(toAccessList),
    rowsOf('certificates').map(toCertificate),
  ]);
  const told = JSON.stringify(exchanges);
  const secrets = ['pw-ada', 'pw-bob', 'p*****', '<private key pem>', '<certificate pem>', 'hint'];
  expect(secrets.filter((secret) => !told.includes(secret))).toEqual([]);
  expect(secrets.filter((secret) => kept.includes(secret))).toEqual([]);
});

it('certificates that were never filled are told from those that were', () => {
  const states = rowsOf('certificates').map((row) => {
    const { id, isFilled, expiresAtMs } = toCertificate(row);
    return `${id} ${isFilled} ${expiresAtMs === undefined}`;
  });
  expect(new Set(states.filter((state) => /^[123459] /.test(state)))).toEqual(
    new Set(['1 true false', '1 false true', '2 false true', '3 false true', '4 false true', '9 true false']),
  );
});

it('the complaints of nginx are one line each, without warnings about others', () => {
  const complaints = exchanges
    .flatMap(({ answer }) => (Array.isArray(answer) ? answer : [answer]))
    .map((row) => row as { id: number; meta?: { nginx_online?: boolean }; incoming_port?: number })
    .filter((row) => row?.meta?.nginx_online === false)
    .map((row) => toHostEntry(row.incoming_port === undefined ? 'proxy-host' : 'stream', row));
  expect(complaints.length).toBeGreaterThan(3);
  for (const { online, nginxError } of complaints) {
    expect(online).toBe(false);
    expect(nginxError).toMatch(/^\[emerg\] [^\n]+$/);
  }
});

it.each([
  ['an integer as text', { id: 'x' }],
  ['a text as list', { id: 1, domain_names: 'a.test' }],
  ['two as yes', { id: 1, ssl_forced: 2 }],
])('%s is no answer that is known', (_, change) => {
  const row = {
    domain_names: ['a.test'],
    forward_scheme: 'http',
    forward_host: 'a',
    forward_port: 1,
    ...change,
  };
  expect(() => toHostEntry('proxy-host', row)).toThrow(
    expect.objectContaining({ code: 'PROXY_UNKNOWN_ANSWER' }),
  );
});

it('flags of 0 and 1, null for what is empty, and a path behind a host are read like their newer forms', () => {
  const row = {
    id: 1,
    domain_names: ['B.test', 'a.test'],
    forward_scheme: 'http',
    forward_host: 'web',
    forward_port: 80,
    enabled: 1,
    ssl_forced: 1,
    certificate_id: 3,
    hsts_enabled: 0,
    advanced_config: null,
    access_list_id: null,
    locations: [{ path: '/a', forward_scheme: 'http', forward_host: 'web/base/x', forward_port: '8080' }],
    meta: null,
  };
  expect(toHostEntry('proxy-host', row)).toMatchObject({
    enabled: true,
    online: undefined,
    otherMeta: {},
    body: {
      domains: ['a.test', 'b.test'],
      forceSsl: true,
      hsts: false,
      advanced: '',
      accessListId: 0,
      trustForwardedProto: false,
      locations: [{ forwardHost: 'web', forwardPath: '/base/x', forwardPort: 8080, advanced: '' }],
    },
  });
});

it('what was refused is marked with the reason, whatever was there before', () => {
  const before = toHostEntry('stream', {
    id: 1,
    incoming_port: 1,
    forwarding_host: 'a',
    forwarding_port: 1,
    meta: { nginx_online: true },
  });
  const wish = { body: { ...before.body, forwardPort: 2 } as never, marker, otherMeta: { kept: 1 } };
  expect(toRefusedWish(wish, before, 'why')).toEqual({
    body: before.body,
    otherMeta: { kept: 1 },
    marker: { ...marker, generation: '', refused: marker.generation, refusedBecause: 'why' },
  });
});
