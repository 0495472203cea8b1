// Access lists and certificates, on the client and the loop as they are: changed in Git, changed by hand.
import { expect, it } from 'vitest';
import type { DesiredAccessList } from '#domain/routes/desired-route.ts';
import { liveRows } from '#test/support/npm/npm-state.ts';
import { httpRoute } from '#test/support/routes/declare-routes.ts';
import { accessList, certificate } from '#test/support/routes/declare-shared.ts';
import { declared, type NpmRouteRig, startNpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import { observeHosts } from '#test/support/routes/observe-hosts.ts';

type Row = {
  readonly field: string;
  readonly byHand: Readonly<Record<string, unknown>>;
  readonly inGit: Partial<DesiredAccessList>;
};

const ann = { username: 'ann', password: 'canary-of-ann' };
const bob = { username: 'bob', password: 'canary-of-bob' };
const kept = [
  { username: 'ann', password: '' },
  { username: 'bob', password: '' },
];
const clients = [
  { address: '10.0.0.0/8', directive: 'allow' as const },
  { address: 'all', directive: 'deny' as const },
];
const rows: readonly Row[] = [
  { field: 'satisfyAny', byHand: { satisfy_any: true }, inGit: { satisfyAny: true } },
  { field: 'passAuth', byHand: { pass_auth: true }, inGit: { passAuth: true } },
  {
    field: 'users',
    byHand: { items: [...kept, { username: 'eve', password: 'evil' }] },
    inGit: { users: [ann, bob, { username: 'cat', password: 'canary-of-cat' }] },
  },
  { field: 'users', byHand: { items: kept.slice(1) }, inGit: { users: [bob] } },
  {
    field: 'password of ann',
    byHand: { items: [{ username: 'ann', password: 'evil' }, kept[1]] },
    inGit: { users: [{ ...ann, password: 'canary-of-new' }, bob] },
  },
  { field: 'clients', byHand: { clients: [] }, inGit: { clients: [] } },
  { field: 'clients', byHand: { clients: clients.toReversed() }, inGit: { clients: clients.toReversed() } },
];

const route = declared(httpRoute(['a.test'], { accessList: 'family' }));
const of = (list: DesiredAccessList) => ({ routes: [route], proxy: { accessLists: [list] } });
const list = accessList({ clients });

function read({ npm }: NpmRouteRig) {
  const { state } = npm;
  const lists = liveRows(state, 'access_list').map(({ id, name, satisfy_any: any, pass_auth: pass }) => ({
    id,
    name,
    any,
    pass,
  }));
  const users = liveRows(state, 'access_list_auth').map((row) => [row['username'], row['password']]);
  const addresses = liveRows(state, 'access_list_client').map((row) => [row['directive'], row['address']]);
  return { lists, users: users.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)), addresses };
}

async function expectQuiet(rig: NpmRouteRig): Promise<void> {
  rig.npm.forget();
  await rig.look();
  expect(rig.npm.writes()).toEqual([]);
  expect(rig.daemon.board.plan()).toMatchObject({ steps: [], differences: [], blocks: [], waits: [] });
}

it.each(rows)(
  'access list: $field changed by hand is told, and healed: $byHand',
  async ({ field, byHand }) => {
    await using rig = await startNpmRouteRig();
    await rig.converge(of(list));
    const before = read(rig);
    await expectQuiet(rig);

    const { id, name } = before.lists[0] as { id: number; name: string };
    await rig.human.must('PUT', `/nginx/access-lists/${id}`, { name, ...byHand });
    expect(read(rig)).not.toEqual(before);
    const outcomes = await rig.look();

    expect(outcomes).toMatchObject([
      {
        step: { kind: 'update-access-list', cause: { reason: 'Drifted', path: `accessList.${field}` } },
        result: 'done',
      },
    ]);
    expect(JSON.stringify(outcomes.map(({ step }) => step.cause))).not.toMatch(/canary|evil/);
    expect(read(rig)).toEqual(before);
    await expectQuiet(rig);
  },
);

it.each(rows)(
  'access list: $field changed in Git is written, and its hosts stay: $inGit',
  async ({ inGit }) => {
    await using rig = await startNpmRouteRig();
    await rig.converge(of(list));
    const [host] = observeHosts(rig.npm);
    const accessListId = host !== undefined && 'accessListId' in host.body ? host.body.accessListId : 0;
    const changed = accessList({ clients, ...inGit });
    await rig.converge(of(changed));
    expect(rig.daemon.outcomes.slice(2)).toMatchObject([{ step: { kind: 'update-access-list' } }]);
    expect(read(rig)).toMatchObject({
      lists: [{ id: accessListId, any: changed.satisfyAny, pass: changed.passAuth }],
      users: changed.users.map(({ username, password }) => [username, password]),
      addresses: changed.clients.map(({ address, directive }) => [directive, address]),
    });
    await expectQuiet(rig);
  },
);

it('access list: deleted by hand is made again, and its hosts are protected again', async () => {
  await using rig = await startNpmRouteRig();
  await rig.converge(of(list));
  await rig.human.must('DELETE', '/nginx/access-lists/1');
  await rig.converge();
  expect(read(rig).lists).toMatchObject([{ id: 2 }]);
  expect(observeHosts(rig.npm)).toMatchObject([{ body: { accessListId: 2 }, online: true }]);
  await expectQuiet(rig);
});

it('access list: renamed by hand is somebody’s from then on, and ours is made anew', async () => {
  await using rig = await startNpmRouteRig();
  await rig.converge(of(list));
  await rig.human.must('PUT', '/nginx/access-lists/1', { name: 'mine now' });
  await rig.converge();
  expect(read(rig).lists).toMatchObject([{ id: 1, name: 'mine now' }, { id: 2 }]);
  expect(observeHosts(rig.npm)).toMatchObject([{ body: { accessListId: 2 }, online: true }]);
  await expectQuiet(rig);
});

it('certificate: a new one is made beside the old one, hosts move, and the old one goes last', async () => {
  await using rig = await startNpmRouteRig();
  const secured = declared(
    httpRoute(['a.test'], { certificate: { kind: 'named', name: 'own' }, forceSsl: true }),
  );
  await rig.converge({ routes: [secured], proxy: { certificates: [certificate('own', ['a.test'])] } });
  await expectQuiet(rig);
  await rig.converge({ routes: [secured], proxy: { certificates: [certificate('own', ['a.test'], 2)] } });
  const kinds = rig.daemon.outcomes.map(({ step }) => step.kind);
  expect(kinds.slice(2)).toEqual(['create-certificate', 'update-host', 'delete-certificate']);
  expect(observeHosts(rig.npm)).toMatchObject([{ body: { certificateId: 2, forceSsl: true }, online: true }]);
  expect(liveRows(rig.npm.state, 'certificate').map(({ id }) => id)).toEqual([2]);
  await expectQuiet(rig);
});

it('certificate: deleted by hand is made again, and its hosts get it', async () => {
  await using rig = await startNpmRouteRig();
  const secured = declared(httpRoute(['a.test'], { certificate: { kind: 'named', name: 'own' } }));
  await rig.converge({ routes: [secured], proxy: { certificates: [certificate('own', ['a.test'])] } });
  await rig.human.must('DELETE', '/nginx/certificates/1');
  await rig.converge();
  expect(observeHosts(rig.npm)).toMatchObject([{ body: { certificateId: 2 }, online: true }]);
  await expectQuiet(rig);
});

it('while the fleet cannot be read, nothing of what it declared goes', async () => {
  await using rig = await startNpmRouteRig();
  const shared = declared(
    httpRoute(['fleet.test'], { upstream: { kind: 'address', host: '10.0.0.9', port: 1 } }),
  );
  await rig.converge({ proxy: { routes: [shared], accessLists: [list] } });
  await rig.declare({ fleetProblems: [{ severity: 'error', file: 'fleet.yaml', message: 'broken' }] });
  rig.npm.forget();
  await rig.look();
  expect(rig.npm.writes()).toEqual([]);
});
