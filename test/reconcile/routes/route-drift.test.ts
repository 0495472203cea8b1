// Every field of every kind of host, on the client and the loop as they are: changed in Git, changed by hand.
import { expect, it } from 'vitest';
import type { HostKind, ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import { accessList, certificate } from '#test/support/routes/declare-shared.ts';
import {
  type Declaration,
  declared,
  type NpmRouteRig,
  startNpmRouteRig,
} from '#test/support/routes/npm-route-rig.ts';
import { observeHosts } from '#test/support/routes/observe-hosts.ts';
import {
  type FieldRow,
  listBodyFields,
  listFieldRows,
  plainRoutes,
} from '#test/support/routes/route-fields.ts';

const proxy = { accessLists: [accessList()], certificates: [certificate('own', ['a.test'])] };
// Somebody's: made first, so their ids are known.
const others = { certificateId: 1, accessListId: 1 };
const rows = listFieldRows(others);

async function start(): Promise<NpmRouteRig> {
  const rig = await startNpmRouteRig();
  const { certificatePem, keyPem } = certificate('bought', ['a.test']);
  await rig.human.must('POST', '/nginx/certificates', { provider: 'other', nice_name: 'bought' });
  const form = new FormData();
  form.set('certificate', new Blob([certificatePem]), 'certificate.pem');
  form.set('certificate_key', new Blob([keyPem]), 'key.pem');
  await rig.human.must('POST', '/nginx/certificates/1/upload', form);
  await rig.human.must('POST', '/nginx/access-lists', { name: 'guests', items: [], clients: [] });
  return rig;
}

async function onlyHost(rig: NpmRouteRig): Promise<ObservedHostEntry> {
  const [host, ...rest] = observeHosts(rig.npm);
  if (host === undefined || rest.length > 0) throw new Error(`${rest.length + 1} hosts`);
  return host;
}

function read({ body }: ObservedHostEntry, field: string): unknown {
  if (field.startsWith('locations')) return 'locations' in body ? body.locations : undefined;
  return Object.entries(body).find(([name]) => name === field)?.[1];
}

async function expectQuiet(rig: NpmRouteRig): Promise<void> {
  rig.npm.forget();
  await rig.look();
  expect(rig.npm.writes()).toEqual([]);
  expect(rig.daemon.board.plan()).toMatchObject({ steps: [], differences: [], blocks: [], waits: [] });
}

function of(row: FieldRow, other: Declaration = {}): Declaration {
  return { routes: [declared(row.route)], proxy, ...other };
}

const driftPaths = (rig: NpmRouteRig) =>
  (rig.daemon.board.plan()?.differences ?? []).filter(({ drift }) => drift).map(({ path }) => path);

it.each(rows)('$kind: $field changed by hand is told, and healed', async (row) => {
  await using rig = await start();
  await rig.converge(of(row));
  const before = await onlyHost(rig);
  await expectQuiet(rig);

  const hand = { certificate_id: before.body.certificateId, ...row.byHand };
  await rig.human.must('PUT', `/nginx/${row.kind}s/${before.id}`, hand);
  // NPM brings what was before back to 404 hosts, their meta included.
  const meddled = await onlyHost(rig);
  expect(read(meddled, row.field)).not.toEqual(read(before, row.field));

  await rig.declare(of(row, { driftIgnore: row.paths.map((path) => path) }));
  await expectQuiet(rig);
  await rig.declare(of(row, { drift: 'off' }));
  await expectQuiet(rig);

  await rig.declare(of(row, { drift: 'warn' }));
  rig.npm.forget();
  await rig.look();
  expect(rig.npm.writes()).toEqual([]);
  expect(driftPaths(rig).toSorted()).toEqual(row.paths.toSorted());
  expect(rig.daemon.board.reports()).toMatchObject([{ state: 'drifted' }]);

  await rig.declare(of(row));
  const outcomes = await rig.look();
  expect(outcomes).toMatchObject([
    { step: { kind: 'update-host', cause: { reason: 'Drifted' } }, result: 'done' },
  ]);
  expect(row.paths).toContain(outcomes[0]?.step.cause.path);
  expect((await onlyHost(rig)).body).toEqual(before.body);
  await expectQuiet(rig);
});

it.each(rows)('$kind: $field changed in Git is written once, and nothing else', async (row) => {
  await using rig = await start();
  await rig.converge(of(row));
  const before = await onlyHost(rig);
  // What is ignored is drift, never what Git asks.
  const driftIgnore = ['route.*', 'route.locations'];
  await rig.declare({ routes: [declared(row.changed)], proxy, drift: 'off', driftIgnore });

  const outcomes = await rig.look();

  expect(outcomes).toMatchObject([
    { step: { kind: 'update-host', cause: { reason: 'SpecChanged' } }, result: 'done' },
  ]);
  const after = await onlyHost(rig);
  const changed = listChanged(before, after);
  expect(changed).toEqual([row.field.startsWith('locations') ? 'locations' : row.field]);
  expect(after.online).toBe(true);
  await expectQuiet(rig);
});

function listChanged(before: ObservedHostEntry, after: ObservedHostEntry): readonly string[] {
  return Object.keys(before.body).filter(
    (field) => JSON.stringify(read(before, field)) !== JSON.stringify(read(after, field)),
  );
}

const kinds = Object.keys(plainRoutes) as HostKind[];

it.each(kinds)('%s: no field is without a row', async (kind) => {
  await using rig = await start();
  await rig.converge({ routes: [declared(plainRoutes[kind])], proxy });
  const covered = new Set(rows.filter((row) => row.kind === kind).map(({ field }) => field));
  const { body, online } = await onlyHost(rig);
  expect(listBodyFields(body).filter((field) => !covered.has(field))).toEqual([]);
  expect(online).toBe(true);
});

it.each(kinds)('%s: switched off by hand is told, and healed; Git switches off and on', async (kind) => {
  await using rig = await start();
  const route = plainRoutes[kind];
  const with_ = (other: Declaration = {}) => ({ routes: [declared(route)], proxy, ...other });
  await rig.converge(with_());
  const { id } = await onlyHost(rig);
  await rig.human.call('POST', `/nginx/${kind}s/${id}/disable`);

  await rig.declare(with_({ driftIgnore: ['route.enabled'] }));
  await expectQuiet(rig);
  await rig.declare(with_({ drift: 'warn' }));
  rig.npm.forget();
  await rig.look();
  expect(rig.npm.writes()).toEqual([]);
  expect(driftPaths(rig)).toEqual(['route.enabled']);

  await rig.converge(with_());
  expect(await onlyHost(rig)).toMatchObject({ enabled: true, online: true });
  await expectQuiet(rig);

  await rig.converge({ routes: [declared({ ...route, enabled: false })], proxy });
  expect(await onlyHost(rig)).toMatchObject({ enabled: false });
  await expectQuiet(rig);
  await rig.converge(with_());
  expect(await onlyHost(rig)).toMatchObject({ enabled: true, online: true });
  await expectQuiet(rig);
});

it.each(kinds)('%s: deleted by hand comes back', async (kind) => {
  await using rig = await start();
  await rig.converge({ routes: [declared(plainRoutes[kind])], proxy });
  const { id, body } = await onlyHost(rig);
  await rig.human.must('DELETE', `/nginx/${kind}s/${id}`);
  await rig.converge();
  expect(await onlyHost(rig)).toMatchObject({ body, online: true });
  await expectQuiet(rig);
});
