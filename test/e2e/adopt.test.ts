import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listRecordedCases, readRecordedRequests, readSource } from '#test/support/compose-cases.ts';
import { askEngine, requestEngine } from '#test/support/engine-request.ts';
import { loadStandIns, removeImages, testLabel } from '#test/support/images.ts';
import { runCommand } from '#test/support/run-command.ts';
import { openWorld, type World } from '#test/support/world.ts';

// What Docker Compose asked an engine for is asked for again, word for word, and started. That is a project as
// `docker compose up -d` leaves it; then Shorefast is pointed at the very files it was made from.

type Body = {
  readonly Name?: string;
  readonly Image?: string;
  readonly Env?: readonly string[] | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
};
type Row = {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Labels: Record<string, string>;
};

const casesDirectory = join(import.meta.dirname, '../compose-cases');

/** Not run, each for its reason. */
const left: Readonly<Record<string, string>> = {
  'h-command-quoting': 'entrypoints that are no program of the stand-in image',
  'h-network-modes': 'needs a container of somebody else',
  'h-healthcheck': 'its checks are minutes apart',
  'h-ports-same-twice': 'publishes one host port twice, which no engine can start',
  'h-ports-short': 'publishes SCTP, which few kernels have',
};
const names = listRecordedCases('1.41').filter(
  (name) => readSource(name).outcome === 'ok' && left[name] === undefined,
);

/** One container, several of them, several networks, ports, mounts. */
const changed = [
  'h-environment-types',
  'h-networks-several',
  'h-ports-long',
  'h-service-names',
  'h-volumes-tmpfs',
];

/** A running project of Docker Compose; `change` is done to the last container before it is made. */
async function composeUp(host: string, name: string, change = (body: Body): Body => body) {
  const { project, existing } = readSource(name);
  const requests = readRecordedRequests<Body>(name, '1.41');
  const creates = requests.filter(({ path }) => path === '/containers/create');
  const images = [...new Set(creates.flatMap(({ body }) => body.Image ?? []))];
  await loadStandIns(host, images, { ports: [80], programs: ['curl', 'pg_isready'] });
  const Labels = { [testLabel]: project };
  for (const Name of existing.networks) await askEngine(host, 'POST', '/networks/create', { Name, Labels });
  for (const Name of existing.volumes) await askEngine(host, 'POST', '/volumes/create', { Name, Labels });
  const ids = new Map<string, string>();
  for (const request of requests) {
    const { path, query, body } = fillIn(request, ids);
    const made = request === creates.at(-1) ? change(body) : body;
    const search = new URLSearchParams(query).toString();
    const answer = await askEngine<{ Id?: string } | undefined>(host, 'POST', `${path}?${search}`, made);
    const service = body.Labels?.['com.docker.compose.service'];
    const number = body.Labels?.['com.docker.compose.container-number'];
    if (service !== undefined) ids.set(`<container:${service}-${number}>`, answer?.Id ?? '');
  }
  for (const id of ids.values()) await askEngine(host, 'POST', `/containers/${id}/start`);
  return {
    changed: String(creates.at(-1)?.query['name']),
    async [Symbol.asyncDispose]() {
      for (const { Id } of await listProject(host, project)) {
        await requestEngine(host, 'DELETE', `/containers/${Id}?force=1&v=1`);
      }
      for (const { path, body } of requests) {
        if (path === '/networks/create') await requestEngine(host, 'DELETE', `/networks/${body.Name}`);
        if (path === '/volumes/create') await requestEngine(host, 'DELETE', `/volumes/${body.Name}`);
      }
      for (const each of existing.networks) await requestEngine(host, 'DELETE', `/networks/${each}`);
      for (const each of existing.volumes) await requestEngine(host, 'DELETE', `/volumes/${each}`);
      await removeImages(host, images);
    },
  };
}

function fillIn<T>(request: T, ids: ReadonlyMap<string, string>): T {
  const text = JSON.stringify(request).replaceAll(/<container:[^>]+>/g, (name) => ids.get(name) ?? name);
  return JSON.parse(text.replaceAll('$' + '{CASE}', '/tmp')) as T;
}

async function listProject(host: string, project: string): Promise<readonly Row[]> {
  const filters = JSON.stringify({ label: [`com.docker.compose.project=${project}`] });
  return askEngine(host, 'GET', `/containers/json?all=1&filters=${encodeURIComponent(filters)}`);
}

async function readIds(host: string, project: string): Promise<Readonly<Record<string, string>>> {
  const rows = await listProject(host, project);
  return Object.fromEntries(rows.map(({ Names, Id }) => [(Names[0] ?? '').slice(1), Id]));
}

async function commitCase(world: World, name: string, adopt: boolean): Promise<Record<string, string>> {
  const { project, env, profiles } = readSource(name);
  await cp(join(casesDirectory, name), join(world.repo.workTree, 'apps', project), { recursive: true });
  const app = { apiVersion: 'shorefast/v1', kind: 'App', metadata: { name: project } };
  await world.repo.commit({
    'fleet.yaml': JSON.stringify({ apiVersion: 'shorefast/v1', kind: 'Fleet', spec: { variables: env } }),
    [`apps/${project}/app.yaml`]: JSON.stringify({ ...app, spec: { profiles, ...(adopt && { adopt }) } }),
  });
  return {
    SHOREFAST_OWNER: world.owner,
    SHOREFAST_REPO__URL: world.repo.directory,
    SHOREFAST_DOCKER__HOST: world.engine.host,
    SHOREFAST_DATA_DIRECTORY: join(world.repo.root, 'data'),
    SHOREFAST_POLICY__ALLOW_PRIVILEGED: 'true',
    SHOREFAST_POLICY__ALLOWED_CAPABILITIES: 'ALL',
    SHOREFAST_POLICY__ALLOWED_BIND_PATHS: '/',
  };
}

it.each(names)('%s, started by Docker Compose, is taken over as it runs', async (name) => {
  await using world = await openWorld();
  const host = world.engine.host;
  await using _compose = await composeUp(host, name);
  const { project } = readSource(name);
  const ids = await readIds(host, project);
  const env = await commitCase(world, name, true);

  expect(await runCommand(['apply', '--timeout', '60'], env)).toMatchObject({ code: 0 });
  expect(await runCommand(['plan', '-o', 'wide'], env)).toMatchObject({ stdout: '', code: 0 });

  expect(await readIds(host, project)).toEqual(ids);
});

it.each(changed)('%s with one value changed has exactly that container replaced', async (name) => {
  await using world = await openWorld();
  const host = world.engine.host;
  await using compose = await composeUp(host, name, (body) => ({
    ...body,
    Env: [...(body.Env ?? []), 'ADDED_BY_HAND=canary'],
  }));
  const { project } = readSource(name);
  const ids = await readIds(host, project);

  const reported = await commitCase(world, name, false);
  const plan = await runCommand(['plan', '-o', 'wide'], reported);
  expect(plan.code).toBe(1);
  expect(plan.stdout).toContain(`${compose.changed} would be replaced (environment.ADDED_BY_HAND)`);
  expect(plan.stdout).toContain('set adopt: true in app.yaml');
  expect(plan.stdout).not.toContain('canary');
  await runCommand(['apply', '--timeout', '60'], reported);
  expect(await readIds(host, project)).toEqual(ids);

  const env = await commitCase(world, name, true);
  expect(await runCommand(['apply', '--timeout', '60'], env)).toMatchObject({ code: 0 });
  const { [compose.changed]: before, ...kept } = ids;
  const { [compose.changed]: after, ...now } = await readIds(host, project);
  expect(now).toEqual(kept);
  expect(after).not.toBe(before);
  expect(await runCommand(['plan'], env)).toMatchObject({ code: 0 });
});
