import { describe, expect, it } from 'vitest';
import { listEntries } from '#domain/routes/describe-host.ts';
import { converge, input, onlyHost } from '../../support/routes/converge-routes.ts';
import { declare, httpRoute, routeContext, streamRoute } from '../../support/routes/declare-routes.ts';
import { createMemoryProxy } from '../../support/routes/memory-proxy.ts';

describe('what is declared no more', () => {
  const many = (count: number) =>
    input(Array.from({ length: count }, (_, index) => declare(httpRoute([`h${index}.test`]))));

  it('goes, and nothing of others', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, input([declare(httpRoute(['theirs.test']))]), routeContext({ owner: 'others' }));
    await converge(proxy, many(2));
    await converge(proxy, many(1));
    expect(proxy.hosts.map(({ body }) => listEntries(body))).toEqual([['theirs.test'], ['h0.test']]);
  });

  it('waits for approval when it is much', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, many(6));
    const plan = await converge(proxy, many(1));
    expect(proxy.hosts).toHaveLength(6);
    expect(plan.blocks).toMatchObject([{ reason: 'PruneNeedsApproval' }]);
    const prune = { ...routeContext().prune, approvedIds: new Set(plan.prune.ids) };
    await converge(proxy, many(1), routeContext({ prune }));
    expect(proxy.hosts).toHaveLength(1);
  });

  it('stays while an app cannot be read', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, many(2));
    const problems = [{ severity: 'error', message: 'broken', file: 'app.yaml' }] as never;
    const apps = [{ name: 'web', directory: 'apps/web', stacks: [], problems }];
    await converge(proxy, input([], { apps }));
    expect(proxy.hosts).toHaveLength(2);
  });

  it('stays with its lists while it is unknown what the fleet wants', async () => {
    const proxy = createMemoryProxy();
    const users = [{ username: 'ann', password: 'canary' }];
    const list = { name: 'l', satisfyAny: true, passAuth: false, users, clients: [], generation: '11111111' };
    const upstream = { kind: 'address', host: '10.0.0.9', port: 80 } as const;
    const route = declare(httpRoute(['a.test'], { upstream }), { stack: '' });
    await converge(proxy, input([route], { proxy: { accessLists: [list], certificates: [] } }));

    await converge(proxy, input([], { isFleetUnknown: true }));
    expect([proxy.hosts.length, proxy.accessLists.length]).toEqual([1, 1]);

    await converge(proxy, input([]));
    expect([proxy.hosts.length, proxy.accessLists.length]).toEqual([0, 0]);
  });

  it('twice there, goes once', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, input([declare(streamRoute(5000))]));
    proxy.hosts.push({ ...onlyHost(proxy), id: 9 });
    await converge(proxy, input([declare(streamRoute(5000))]));
    expect(proxy.hosts).toMatchObject([{ id: 1 }]);
  });
});

describe('lists and certificates', () => {
  const list = {
    name: 'family',
    satisfyAny: true,
    passAuth: false,
    users: [{ username: 'ann', password: 'canary' }],
    clients: [],
    generation: '11111111',
  };
  const certificate = {
    name: 'wild',
    certificatePem: '',
    keyPem: '',
    domains: ['*.test'],
    expiresAtMs: 2_000_000,
    generation: '22222222',
  };
  const route = declare(
    httpRoute(['a.test'], {
      accessList: 'family',
      certificate: { kind: 'named', name: 'wild' },
      forceSsl: true,
    }),
  );
  const given = (other: object = {}) =>
    input([route], { proxy: { accessLists: [{ ...list, ...other }], certificates: [certificate] } });

  it('come before the hosts that refer to them, and go after them', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, given());
    expect(proxy.writes).toEqual(['create-access-list', 'create-certificate', 'create-host']);
    expect(proxy.hosts).toMatchObject([{ body: { accessListId: 1, certificateId: 2, forceSsl: true } }]);
    await converge(proxy, input([]));
    expect(proxy.writes.slice(3)).toEqual(['delete-host', 'delete-access-list', 'delete-certificate']);
  });

  it('are told apart by what was written, without a store', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, given());
    await converge(proxy, given({ generation: '33333333' }));
    expect(proxy.writes.slice(3)).toEqual(['update-access-list']);
    expect(proxy.accessLists).toMatchObject([
      { id: 1, name: expect.stringMatching(/^family \[shorefast \w+ 33333333]$/) },
    ]);
  });

  it('that a host of others uses stay', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, given());
    const { marker: _, ...host } = onlyHost(proxy);
    proxy.hosts[0] = host;
    await converge(proxy, input([]));
    expect(proxy.accessLists).toHaveLength(1);
    expect(proxy.certificates).toHaveLength(1);
  });

  it('a certificate is requested before its host is made', async () => {
    const proxy = createMemoryProxy();
    const issued = declare(httpRoute(['a.test'], { certificate: { kind: 'letsencrypt', keyType: 'ecdsa' } }));
    await converge(proxy, input([issued]));
    expect(proxy.writes).toEqual(['request-certificate', 'create-host']);
    expect(proxy.hosts).toMatchObject([{ body: { certificateId: 1 } }]);
  });

  it('`auto` takes the valid one that covers all hosts and lives longest', async () => {
    const proxy = createMemoryProxy();
    const row = { provider: 'other', isFilled: true } as const;
    proxy.certificates.push(
      { ...row, id: 1, name: 'old', domains: ['a.test'], expiresAtMs: 999_999 },
      { ...row, id: 2, name: 'short', domains: ['*.test'], expiresAtMs: 1_500_000 },
      { ...row, id: 3, name: 'long', domains: ['*.test', 'test'], expiresAtMs: 1_600_000 },
      { ...row, id: 4, name: 'other', domains: ['b.test'], expiresAtMs: 9_000_000 },
      { ...row, id: 5, name: 'empty', domains: ['*.test'], expiresAtMs: undefined, isFilled: false },
    );
    const auto = (hosts: string[]) => declare(httpRoute(hosts, { certificate: { kind: 'auto' } }));
    await converge(proxy, input([auto(['a.test', 'test']), auto(['x.a.test'])]));
    expect(proxy.hosts.map(({ body }) => (body as { certificateId: number }).certificateId)).toEqual([3, 0]);
  });
});
