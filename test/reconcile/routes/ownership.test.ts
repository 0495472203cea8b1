// Whose a host is, on the client and the loop as they are: foreign ones are named and left, ours are pruned with care.
import { expect, it } from 'vitest';
import { hasErrors } from '#domain/problem.ts';
import type { DesiredRoute } from '#domain/routes/desired-route.ts';
import type { HostKind } from '#domain/routes/observed-proxy.ts';
import { liveRows } from '#test/support/npm/npm-state.ts';
import { httpRoute } from '#test/support/routes/declare-routes.ts';
import { certificate } from '#test/support/routes/declare-shared.ts';
import { declared, type NpmRouteRig, startNpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import { observeHosts, tablesOfKinds } from '#test/support/routes/observe-hosts.ts';
import { plainRoutes } from '#test/support/routes/route-fields.ts';

const kinds = Object.keys(plainRoutes) as HostKind[];
const proxy = { certificates: [certificate('own', ['a.test'])] };

/** What somebody made, as a form would send it. */
const foreign: Readonly<Record<HostKind, object>> = {
  'proxy-host': {
    domain_names: ['A.test', 'z.test'],
    forward_scheme: 'http',
    forward_host: '10.7.7.7',
    forward_port: 7,
    meta: { note: 'mine' },
  },
  'redirection-host': {
    domain_names: ['A.test', 'z.test'],
    forward_scheme: 'auto',
    forward_http_code: 302,
    forward_domain_name: 'x.test',
    meta: { note: 'mine' },
  },
  'dead-host': { domain_names: ['A.test', 'z.test'], meta: { note: 'mine' } },
  stream: {
    incoming_port: 5000,
    forwarding_host: '10.7.7.7',
    forwarding_port: 7,
    tcp_forwarding: true,
    meta: { note: 'mine' },
  },
};

const titles: Readonly<Record<HostKind, string>> = {
  'proxy-host': 'proxy host 1 (a.test, z.test)',
  'redirection-host': 'redirection host 1 (a.test, z.test)',
  'dead-host': '404 host 1 (a.test, z.test)',
  stream: 'stream 1 (tcp/5000)',
};

const pairs = kinds.flatMap((theirs) => kinds.map((ours) => ({ theirs, ours })));
const clashing = pairs.filter(({ theirs, ours }) => (theirs === 'stream') === (ours === 'stream'));

function rowsOf(rig: NpmRouteRig) {
  return Object.values(tablesOfKinds).flatMap((table) => structuredClone(liveRows(rig.npm.state, table)));
}

async function expectQuiet(rig: NpmRouteRig): Promise<void> {
  rig.npm.forget();
  await rig.look();
  expect(rig.npm.writes()).toEqual([]);
}

const adopting = (route: DesiredRoute): DesiredRoute => declared({ ...route, adopt: true });

it.each(clashing)(
  'an unowned $theirs with what our $ours wants is a conflict that names it',
  async (pair) => {
    await using rig = await startNpmRouteRig();
    await rig.human.must('POST', `/nginx/${pair.theirs}s`, foreign[pair.theirs]);
    const before = rowsOf(rig);

    await rig.converge({ routes: [declared(plainRoutes[pair.ours])], proxy });

    expect(rowsOf(rig)).toEqual(before);
    const [block] = rig.daemon.board.plan()?.blocks ?? [];
    expect(block).toMatchObject({
      reason: 'Conflict',
      message: expect.stringContaining(titles[pair.theirs]),
      unblock: expect.stringContaining(pair.theirs === pair.ours ? '`adopt: true`' : 'choose another name'),
    });
    expect(rig.daemon.board.reports()).toMatchObject([{ state: 'conflict' }]);
    await expectQuiet(rig);
  },
);

it.each(kinds)('%s: with `adopt: true` an unowned one is taken over', async (kind) => {
  await using rig = await startNpmRouteRig();
  await rig.human.must('POST', `/nginx/${kind}s`, foreign[kind]);

  await rig.converge({ routes: [adopting(plainRoutes[kind])], proxy });

  expect(observeHosts(rig.npm)).toMatchObject([
    { kind, online: true, marker: { stack: 'web' }, otherMeta: { note: 'mine' } },
  ]);
  expect(rig.daemon.board.reports()).toMatchObject([{ state: 'ready' }]);
  await expectQuiet(rig);
});

it.each(clashing.filter(({ theirs, ours }) => theirs !== ours))(
  '`adopt: true` of a $ours takes no $theirs over',
  async ({ theirs, ours }) => {
    await using rig = await startNpmRouteRig();
    await rig.human.must('POST', `/nginx/${theirs}s`, foreign[theirs]);
    const before = rowsOf(rig);
    await rig.converge({ routes: [adopting(plainRoutes[ours])], proxy });
    expect(rowsOf(rig)).toEqual(before);
    expect(rig.daemon.board.plan()?.blocks).toMatchObject([{ reason: 'Conflict' }]);
  },
);

const others = { managed_by: 'shorefast', shorefast_owner: 'others', shorefast_stack: 'web' };

it.each(kinds)('%s: another owner’s is neither changed, adopted nor pruned', async (kind) => {
  await using rig = await startNpmRouteRig();
  const meta = { ...others, shorefast_route: plainRoutes[kind].name, shorefast_generation: 'b'.repeat(12) };
  await rig.human.must('POST', `/nginx/${kind}s`, { ...foreign[kind], meta });
  const before = rowsOf(rig);

  await rig.converge({ routes: [adopting(plainRoutes[kind])], proxy });
  const message = expect.stringContaining('of Shorefast others');
  expect(rig.daemon.board.plan()?.blocks).toMatchObject([{ reason: 'Conflict', message }]);
  await rig.converge({ routes: [] });
  await rig.converge({ routes: [declared(httpRoute(['else.test']))] });

  expect(rowsOf(rig)).toEqual(expect.arrayContaining(before));
  await expectQuiet(rig);
});

it.each(kinds)('%s: one whose mark somebody took off is foreign from then on', async (kind) => {
  await using rig = await startNpmRouteRig();
  await rig.converge({ routes: [declared(plainRoutes[kind])], proxy });
  const table = liveRows(rig.npm.state, tablesOfKinds[kind]);
  for (const row of table) row['meta'] = { note: 'mine now', nginx_online: true, nginx_err: null };
  const before = rowsOf(rig);
  await rig.converge();
  expect(rowsOf(rig)).toEqual(before);
  expect(rig.daemon.board.plan()?.blocks).toMatchObject([{ reason: 'Conflict' }]);
});

it.each(kinds)('%s: one that is declared no more goes, and those of others stay', async (kind) => {
  await using rig = await startNpmRouteRig();
  for (const each of kinds) {
    const port = { ...foreign[each], ...(each === 'stream' ? { incoming_port: 6000 } : {}) };
    await rig.human.must('POST', `/nginx/${each}s`, { ...port, ...rename(each) });
  }
  const before = rowsOf(rig);
  await rig.converge({ routes: [declared(plainRoutes[kind])], proxy });
  await rig.converge({ routes: [] });
  expect(rowsOf(rig)).toEqual(before);
  expect(liveRows(rig.npm.state, 'certificate')).toEqual([]);
  await expectQuiet(rig);
});

function rename(kind: HostKind): object {
  return kind === 'stream' ? {} : { domain_names: [`${kind}.theirs.test`] };
}

it('many removals wait for approval, and go with exactly that; nothing else is held up', async () => {
  await using rig = await startNpmRouteRig();
  const many = Array.from({ length: 12 }, (_, n) => declared(httpRoute([`r${n}.test`])));
  await rig.converge({ routes: many });
  const fresh = declared(httpRoute(['fresh.test']));

  await rig.converge({ routes: [...many.slice(0, 4), fresh] });

  expect(observeHosts(rig.npm)).toHaveLength(13);
  const [block] = rig.daemon.board.plan()?.blocks ?? [];
  expect(block).toMatchObject({ reason: 'PruneNeedsApproval' });
  const token = /^shorefast approve (\w+)$/.exec(block?.unblock ?? '')?.[1] ?? '';
  rig.approvals.approve('00000000');
  await rig.converge();
  expect(observeHosts(rig.npm)).toHaveLength(13);

  // A restart in the middle does not ask again.
  rig.approvals.approve(token);
  rig.restart();
  await rig.look();
  expect(observeHosts(rig.npm)).toHaveLength(5);
  await expectQuiet(rig);
});

it('an app that cannot be read still has what it had', async () => {
  await using rig = await startNpmRouteRig();
  await rig.converge({ routes: [declared(plainRoutes['proxy-host'])], proxy });
  const before = observeHosts(rig.npm);
  const problems = [{ severity: 'error', file: 'apps/web/app.yaml', message: 'broken' }] as const;
  expect(hasErrors(problems)).toBe(true);
  await rig.converge({ apps: [{ name: 'web', directory: 'apps/web', stacks: [], problems }], proxy });
  expect(observeHosts(rig.npm)).toEqual(before);
});
