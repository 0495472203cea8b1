import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listRecordedCases, readSource } from '#test/support/compose-cases.ts';
import { casesWithoutEngine } from '#test/support/compose-differences.ts';
import { composeUp, readProjectIds } from '#test/support/compose-up.ts';
import { runCommand } from '#test/support/run-command.ts';
import { openWorld, type World } from '#test/support/world.ts';

// A project runs as Docker Compose left it; then Shorefast is pointed at the very files it was made from.

const casesDirectory = join(import.meta.dirname, '../compose-cases');

/** Of each kind one; the others take minutes, and are run with SHOREFAST_TEST_ALL_CASES=1. */
const ofEachKind: readonly string[] = [
  'h-environment-types',
  'h-hosts-dns',
  'h-logging-labels',
  'h-networks-full',
  'h-networks-several',
  'h-ports-long',
  'h-scale',
  'h-seccomp-file',
  'h-service-names',
  'h-volumes-tmpfs',
];
const runsAll = process.env['SHOREFAST_TEST_ALL_CASES'] === '1';
const names = listRecordedCases('1.41').filter(
  (name) => readSource(name).outcome === 'ok' && casesWithoutEngine[name] === undefined,
);

/** One container, several of them, several networks, ports, mounts. */
const changed = [
  'h-environment-types',
  'h-networks-several',
  'h-ports-long',
  'h-service-names',
  'h-volumes-tmpfs',
];

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

it.for(names)('%s, started by Docker Compose, is taken over as it runs', async (name, { skip }) => {
  skip(!runsAll && !ofEachKind.includes(name), 'NOT RUN: in longer runs (SHOREFAST_TEST_ALL_CASES=1)');
  await using world = await openWorld();
  const host = world.engine.host;
  await using _compose = await composeUp(host, name);
  const { project } = readSource(name);
  const ids = await readProjectIds(host, project);
  const env = await commitCase(world, name, true);

  expect(await runCommand(['apply', '--timeout', '60'], env)).toMatchObject({ code: 0 });
  expect(await runCommand(['plan', '-o', 'wide'], env)).toMatchObject({ stdout: '', code: 0 });

  expect(await readProjectIds(host, project)).toEqual(ids);
});

it.each(changed)('%s with one value changed has exactly that container replaced', async (name) => {
  await using world = await openWorld();
  const host = world.engine.host;
  await using compose = await composeUp(host, name, (body) => ({
    ...body,
    Env: [...(body.Env ?? []), 'ADDED_BY_HAND=canary'],
  }));
  const { project } = readSource(name);
  const ids = await readProjectIds(host, project);

  const reported = await commitCase(world, name, false);
  const plan = await runCommand(['plan', '-o', 'wide'], reported);
  expect(plan.code).toBe(1);
  expect(plan.stdout).toContain(`${compose.changed} would be replaced (environment.ADDED_BY_HAND)`);
  expect(plan.stdout).toContain('set adopt: true in app.yaml');
  expect(plan.stdout).not.toContain('canary');
  await runCommand(['apply', '--timeout', '60'], reported);
  expect(await readProjectIds(host, project)).toEqual(ids);

  const env = await commitCase(world, name, true);
  expect(await runCommand(['apply', '--timeout', '60'], env)).toMatchObject({ code: 0 });
  const { [compose.changed]: before = '', ...kept } = ids;
  const { [compose.changed]: after, ...now } = await readProjectIds(host, project);
  // What it replaced is there to go back to.
  expect(now).toEqual({ ...kept, [`${compose.changed}--old-${before.slice(0, 8)}`]: before });
  expect(after).not.toBe(before);
  expect(await runCommand(['plan'], env)).toMatchObject({ code: 0 });
});
