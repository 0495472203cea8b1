import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import type { DesiredApp, DesiredService } from '#domain/desired.ts';
import { askEngine } from '#test/support/engine-request.ts';
import { examplesDirectory, readExamplesOnFreePorts } from '#test/support/example-files.ts';
import { removeImages } from '#test/support/images.ts';
import { findMissingImages, listImages, loadAppsOf, loadStandInsFor } from '#test/support/stand-ins.ts';
import { openWorld, type World } from '#test/support/world.ts';

type ContainerRow = { readonly Names: readonly string[]; readonly Status: string };

const program = join(import.meta.dirname, '../../src/app/main.ts');

it('the examples converge and are healthy, a plan is empty then, and the data directory may be lost', async (test) => {
  const { host, directory } = inject('engine');
  const apps = await loadAppsOf(examplesDirectory);
  const services = apps.flatMap((app) => app.stacks.flatMap((stack) => stack.services));
  const containers = services.flatMap(({ containerNames }) => containerNames).toSorted();
  const taken = (await readStatuses(host)).filter(({ name }) => containers.includes(name));
  // The names of the examples are fixed, so on somebody's own engine they may be in use.
  test.skip(
    directory === undefined && taken.length > 0,
    `in use by others: ${taken.map(({ name }) => name)}`,
  );
  await using _images = await provideImages(host, apps);
  await using data = await createDataDirectory();
  await using world = await openWorld();
  const { live, repo } = world;
  const commit = await repo.commit(await readExamplesOnFreePorts());
  const stacks = apps.flatMap((app) => app.stacks.map(({ name }) => name)).toSorted();

  const first = await world.start({ dataDirectory: data.path });
  await first.converged(commit, ...stacks);

  const views = (await first.stacks()).stacks.map(({ name, health, drifted }) => ({ name, health, drifted }));
  expect(views).toEqual(stacks.map((name) => ({ name, health: 'healthy', drifted: 0 })));
  expect(await findUnhealthy(host, services)).toEqual([]);
  const ids = await live.ids();
  expect(Object.keys(ids).toSorted()).toEqual(containers);

  expect(await first.end()).toBe(0);
  expect(await planOnce(world, data.path)).toEqual({ exitCode: 0, printed: '' });

  await rm(data.path, { recursive: true });
  const second = await world.start({ dataDirectory: data.path });
  await second.converged(commit, ...stacks);
  expect(await live.ids()).toEqual(ids);
});

/** Stand-ins for the images that the engine does not have; they are removed in the end. */
async function provideImages(host: string, apps: readonly DesiredApp[]): Promise<AsyncDisposable> {
  const missing = await findMissingImages(host, listImages(apps));
  await loadStandInsFor(host, apps, missing);
  return { [Symbol.asyncDispose]: () => removeImages(host, missing) };
}

async function createDataDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'shorefast-data-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** `Up 5 seconds (healthy)` */
async function readStatuses(host: string): Promise<readonly { name: string; status: string }[]> {
  const rows = await askEngine<readonly ContainerRow[]>(host, 'GET', '/containers/json?all=1');
  return rows.map(({ Names, Status }) => ({ name: (Names[0] ?? '').slice(1), status: Status }));
}

/** What the engine says of the containers that have a health check. */
async function findUnhealthy(host: string, services: readonly DesiredService[]): Promise<readonly unknown[]> {
  const checked = services
    .filter(({ spec }) => spec.healthcheck !== undefined)
    .flatMap(({ containerNames }) => containerNames);
  const statuses = await readStatuses(host);
  expect(statuses.filter(({ name }) => checked.includes(name))).toHaveLength(checked.length);
  return statuses.filter(({ name, status }) => checked.includes(name) && !status.endsWith('(healthy)'));
}

/** `shorefast plan` with the settings of the daemon. */
function planOnce(
  { engine, owner, repo }: World,
  dataDirectory: string,
): Promise<{ exitCode: number | string; printed: string }> {
  const env = {
    PATH: process.env['PATH'],
    HOME: dataDirectory,
    SHOREFAST_OWNER: owner,
    SHOREFAST_REPO__URL: repo.directory,
    SHOREFAST_DOCKER__HOST: engine.host,
    SHOREFAST_DATA_DIRECTORY: dataDirectory,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, 'plan'], { env, timeout: 60_000 }, (error, printed, problems) => {
      resolve({ exitCode: error?.code ?? (error === null ? 0 : problems), printed });
    });
  });
}
