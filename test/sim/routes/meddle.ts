// Somebody else at the proxy, with a browser: changes, deletes, adds and unmarks, ours and others'.
import { findOwnName } from '#domain/routes/shared-name.ts';
import { testOwner } from '#test/support/builders.ts';
import { liveRows, type Row } from '#test/support/npm/npm-state.ts';
import type { NpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import { tablesOfKinds } from '#test/support/routes/observe-hosts.ts';
import type { Random } from '../random.ts';
import { domainPool, portPool } from './declare-at-random.ts';

const kinds = ['proxy-host', 'redirection-host', 'dead-host', 'stream'] as const;
type Kind = (typeof kinds)[number];

/** What was done, in words. */
export async function meddle(random: Random, rig: NpmRouteRig): Promise<string> {
  const kind = random.pick(['proxy-host', 'proxy-host', 'redirection-host', 'dead-host', 'stream']);
  const row = random.pickAny(liveRows(rig.npm.state, tablesOfKinds[kind]));
  const act = random.pick([edit, edit, edit, remove, disable, unmark, add, add, editList, removeShared]);
  const done = await act({ random, rig, kind, row });
  return done === '' ? 'looks around' : done;
}

type Scene = {
  readonly random: Random;
  readonly rig: NpmRouteRig;
  readonly kind: Kind;
  readonly row: Row | undefined;
};

const bodies: Readonly<Record<Kind, (random: Random) => object>> = {
  'proxy-host': (random) =>
    random.pick<object>([
      { forward_port: 4711 },
      { allow_websocket_upgrade: random.chance(0.5) },
      { access_list_id: 0 },
      { advanced_config: 'expires 2h;' },
      { locations: [] },
      { domain_names: [`x${random.integer(1, 3)}.test`] },
    ]),
  'redirection-host': (random) =>
    random.pick([{ preserve_path: random.chance(0.5) }, { forward_http_code: 308 }]),
  'dead-host': () => ({ advanced_config: 'expires 2h;' }),
  stream: (random) => random.pick([{ udp_forwarding: random.chance(0.5) }, { forwarding_port: 4711 }]),
};

async function edit({ random, rig, kind, row }: Scene): Promise<string> {
  if (row === undefined) return '';
  const body = { certificate_id: row['certificate_id'], ...bodies[kind](random) };
  const { status } = await rig.human.call('PUT', `/nginx/${kind}s/${row.id}`, body);
  return `edits ${kind} ${row.id}: ${JSON.stringify(body)}: ${status}`;
}

async function remove({ rig, kind, row }: Scene): Promise<string> {
  if (row === undefined) return '';
  await rig.human.call('DELETE', `/nginx/${kind}s/${row.id}`);
  return `deletes ${kind} ${row.id}`;
}

async function disable({ rig, kind, row }: Scene): Promise<string> {
  if (row === undefined || row['enabled'] !== true) return '';
  await rig.human.call('POST', `/nginx/${kind}s/${row.id}/disable`);
  return `disables ${kind} ${row.id}`;
}

/** 404 hosts get their meta back whatever anybody sends. */
async function unmark({ rig, kind, row }: Scene): Promise<string> {
  if (row === undefined || kind === 'dead-host') return '';
  const body = { meta: { note: 'mine' }, certificate_id: row['certificate_id'] };
  await rig.human.call('PUT', `/nginx/${kind}s/${row.id}`, body);
  return `takes the mark off ${kind} ${row.id}`;
}

async function add({ random, rig, kind }: Scene): Promise<string> {
  const names = { domain_names: [random.pick(domainPool)] };
  const upstream = { forward_scheme: 'http', forward_host: '10.7.7.7', forward_port: 7 };
  const made: Readonly<Record<Kind, object>> = {
    'proxy-host': { ...names, ...upstream },
    'redirection-host': {
      ...names,
      forward_scheme: 'auto',
      forward_http_code: 302,
      forward_domain_name: 'x.test',
    },
    'dead-host': names,
    stream: {
      incoming_port: random.pick(portPool),
      forwarding_host: '10.7.7.7',
      forwarding_port: 7,
      tcp_forwarding: true,
    },
  };
  const body = { ...made[kind], ...(isOfAnother(made[kind]) && { meta: anotherMark }) };
  const { status } = await rig.human.call('POST', `/nginx/${kind}s`, body);
  return `makes ${kind} ${JSON.stringify(body)}: ${status}`;
}

/** Some names are those of another Shorefast. */
function isOfAnother(body: object): boolean {
  return /"[fg]\.test"|:5002/.test(JSON.stringify(body));
}

const anotherMark = {
  managed_by: 'shorefast',
  shorefast_owner: 'another',
  shorefast_stack: 'web',
  shorefast_route: 'r0',
  shorefast_generation: 'aaaaaaaaaaaa',
};

async function editList({ random, rig }: Scene): Promise<string> {
  const row = random.pickAny(liveRows(rig.npm.state, 'access_list').filter(isOurs));
  if (row === undefined) return '';
  const change = random.pick<object>([{ satisfy_any: random.chance(0.5) }, { items: [] }, { clients: [] }]);
  await rig.human.call('PUT', `/nginx/access-lists/${row.id}`, { name: row['name'], ...change });
  return `edits access list ${row.id}: ${JSON.stringify(change)}`;
}

/** Of ours only: what others use, nobody could repair. */
async function removeShared({ random, rig }: Scene): Promise<string> {
  const isList = random.chance(0.5);
  const row = random.pickAny(liveRows(rig.npm.state, isList ? 'access_list' : 'certificate').filter(isOurs));
  if (row === undefined || (!isList && isUsedByOthers(rig, row.id))) return '';
  const collection = isList ? 'access-lists' : 'certificates';
  await rig.human.call('DELETE', `/nginx/${collection}/${row.id}`);
  return `deletes ${collection} ${row.id}`;
}

function isOurs(row: Row): boolean {
  return findOwnName(String(row['nice_name'] ?? row['name']), testOwner) !== undefined;
}

function isUsedByOthers({ npm }: NpmRouteRig, certificateId: number): boolean {
  return Object.values(tablesOfKinds)
    .flatMap((table) => liveRows(npm.state, table))
    .filter((row) => (row['meta'] as Record<string, unknown>)['shorefast_owner'] !== testOwner)
    .some((row) => row['certificate_id'] === certificateId);
}
