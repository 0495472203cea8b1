import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listRecordedCases, readRecordedRequests, readSource } from '#test/support/compose-cases.ts';
import { casesWithoutEngine } from '#test/support/compose-differences.ts';
import { askEngine, requestEngine } from '#test/support/engine-request.ts';
import { loadStandIns, removeImages, testLabel } from '#test/support/images.ts';
import { runCommand } from '#test/support/run-command.ts';
import { openWorld, type World } from '#test/support/world.ts';

// Recorded Compose projects, applied to a real engine: what an inspect tells afterwards is what Docker Compose
// asked the engine for, a second plan is empty, and it stays empty when everything we keep is lost.

type Body = Readonly<Record<string, unknown>> & {
  readonly Image: string;
  readonly HostConfig: Readonly<Record<string, unknown>>;
};

const casesDirectory = join(import.meta.dirname, '../compose-cases');

/**
 * What only the reader sees: to an engine these are projects like any other. They take time, and are run with
 * SHOREFAST_TEST_ALL_CASES=1.
 */
const ofReaderOnly: readonly string[] = ['h-interp-forms', 'h-name-key'];
const runsAll = process.env['SHOREFAST_TEST_ALL_CASES'] === '1';

function settingsOf(world: World, name: string): Record<string, string> {
  return {
    SHOREFAST_OWNER: world.owner,
    SHOREFAST_REPO__URL: world.repo.directory,
    SHOREFAST_DOCKER__HOST: world.engine.host,
    SHOREFAST_DATA_DIRECTORY: join(world.repo.root, `data-${name}`),
    SHOREFAST_POLICY__ALLOW_PRIVILEGED: 'true',
    SHOREFAST_POLICY__ALLOWED_CAPABILITIES: 'ALL',
    SHOREFAST_POLICY__ALLOWED_BIND_PATHS: '/',
  };
}

async function commitCase(world: World, name: string): Promise<void> {
  const { project, env, profiles } = readSource(name);
  await cp(join(casesDirectory, name), join(world.repo.workTree, 'apps', project), { recursive: true });
  const fleet = { apiVersion: 'shorefast/v1', kind: 'Fleet', spec: { variables: env } };
  const app = { apiVersion: 'shorefast/v1', kind: 'App', metadata: { name: project }, spec: { profiles } };
  await world.repo.commit({
    'fleet.yaml': JSON.stringify(fleet),
    [`apps/${project}/app.yaml`]: profiles.length > 0 ? JSON.stringify(app) : null,
  });
}

/** Networks and volumes that the case takes from others. */
async function createExisting({ engine }: World, name: string): Promise<() => Promise<void>> {
  const { networks, volumes } = readSource(name).existing;
  const Labels = { [testLabel]: 'compose-live' };
  for (const Name of networks) {
    await askEngine(engine.host, 'POST', '/networks/create', { Name, Labels, CheckDuplicate: true });
  }
  for (const Name of volumes) await askEngine(engine.host, 'POST', '/volumes/create', { Name, Labels });
  return async () => {
    for (const each of networks) await requestEngine(engine.host, 'DELETE', `/networks/${each}`);
    for (const each of volumes) await requestEngine(engine.host, 'DELETE', `/volumes/${each}`);
  };
}

/** What was asked for and is not what the engine tells, field by field; an inherited field was not asked for. */
function compareInspect(
  wanted: Body,
  found: { Config: Record<string, unknown>; HostConfig: Record<string, unknown> },
): string[] {
  const { HostConfig, Image: _, NetworkingConfig: __, ...config } = wanted;
  return [
    ...differences('Config', config, found.Config),
    ...differences('HostConfig', HostConfig, found.HostConfig),
  ];
}

function differences(
  where: string,
  wanted: Readonly<Record<string, unknown>>,
  found: Record<string, unknown>,
): string[] {
  return Object.entries(wanted).flatMap(([key, value]) => {
    if (isZero(value) || key === 'Labels' || key.startsWith('Attach')) return [];
    // Unknown before API 1.43: the engine passes it over.
    if (key === 'Annotations' && found[key] === undefined) return [];
    const holds = isContained(value, found[key]);
    return holds ? [] : [`${where}.${key}: ${JSON.stringify(value)} → ${JSON.stringify(found[key])}`];
  });
}

function isZero(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Everything wanted is there; zero values are the same as absent, and Env and maps may have more. */
function isContained(wanted: unknown, found: unknown): boolean {
  if (isZero(wanted)) return true;
  if (Array.isArray(wanted)) {
    return Array.isArray(found) && wanted.every((each) => found.some((other) => isContained(each, other)));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    const record = (found ?? {}) as Record<string, unknown>;
    return Object.entries(wanted).every(([key, value]) => isContained(value, record[key]));
  }
  return wanted === found;
}

it.for(listRecordedCases('1.41').filter((name) => readSource(name).outcome === 'ok'))(
  '%s',
  async (name, { skip }) => {
    skip(casesWithoutEngine[name] !== undefined, `NOT RUN: ${casesWithoutEngine[name]}`);
    skip(!runsAll && ofReaderOnly.includes(name), 'NOT RUN: about the reader (SHOREFAST_TEST_ALL_CASES=1)');
    await using world = await openWorld();
    const host = world.engine.host;
    const creates = readRecordedRequests<Body>(name, '1.41').filter(
      ({ path }) => path === '/containers/create',
    );
    const images = [...new Set(creates.map(({ body }) => body.Image))];
    await loadStandIns(host, images, { ports: [80], programs: ['curl', 'pg_isready'] });
    const removeExisting = await createExisting(world, name);
    try {
      await commitCase(world, name);
      const env = settingsOf(world, name);
      const apply = await runCommand(['apply', '--timeout', '60'], env);
      expect(apply).toMatchObject({ code: 0 });

      const faults = await Promise.all(
        creates.map(async ({ query, body }) => {
          const found = await askEngine<Parameters<typeof compareInspect>[1]>(
            host,
            'GET',
            `/containers/${query['name']}/json`,
          );
          return compareInspect(body, found).map((fault) => `${query['name']}: ${fault}`);
        }),
      );
      expect(faults.flat()).toEqual([]);
      expect(await runCommand(['plan'], env)).toMatchObject({ code: 0 });
      await rm(join(world.repo.root, `data-${name}`), { recursive: true, force: true });
      expect(await runCommand(['plan'], env)).toMatchObject({ code: 0 });
    } finally {
      await world.live.clean();
      await removeExisting();
      await removeImages(host, images);
    }
  },
);
