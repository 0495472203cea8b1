import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { StackListView } from '#contract/status.ts';
import { askEngine, requestEngine } from '#test/support/engine-request.ts';
import { examplesDirectory, readExamplesOnFreePorts } from '#test/support/example-files.ts';
import { removeImages } from '#test/support/images.ts';
import { openLiveHost } from '#test/support/live-host.ts';
import { buildNodeImage, buildProgramImage } from '#test/support/program-image.ts';
import { findMissingImages, listImages, loadAppsOf, loadStandInsFor } from '#test/support/stand-ins.ts';
import { createStateRepo, type StateRepo } from '#test/support/state-repo.ts';
import { eventually } from '#test/support/test-daemon.ts';

// The image itself, made by our Dockerfile, delivers the examples to the engine that it runs on.

const id = randomBytes(3).toString('hex');
const owner = `image-${id}`;
const name = `shorefast-image-${id}`;
const nodeImage = `shorefast-test/node:${id}`;
const programImage = `shorefast-test/program:${id}`;

const { host } = inject('engine');
const isLocal = host.startsWith('unix://');
const socket = host.replace('unix://', '');
const live = openLiveHost(host, owner);
const standIns: string[] = [];
let repo: StateRepo;

type Inspected = {
  readonly State: {
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly Health: { Status: string };
  };
  readonly NetworkSettings: { readonly Ports: Record<string, readonly { HostPort: string }[]> };
};

beforeAll(async () => {
  if (!isLocal) return;
  const apps = await loadAppsOf(examplesDirectory);
  standIns.push(...(await findMissingImages(host, listImages(apps))));
  await loadStandInsFor(host, apps, standIns);
  repo = await createStateRepo();
  await repo.commit(await readExamplesOnFreePorts());
  await buildNodeImage(host, nodeImage);
  await buildProgramImage(host, programImage, nodeImage);
});

afterAll(async () => {
  if (!isLocal) return;
  await requestEngine(host, 'DELETE', `/containers/${name}?force=1&v=1`);
  await live.clean();
  await removeImages(host, [programImage, `${programImage}-build`, nodeImage, ...standIns]);
  await repo.remove();
});

it.runIf(isLocal)('holds the bundle and nothing else, as a user that is not root', async () => {
  const { Config } = await askEngine<{ Config: Record<string, unknown> }>(
    host,
    'GET',
    `/images/${programImage}/json`,
  );
  const container = await createContainer({
    Entrypoint: ['sh', '-c'],
    Cmd: ['echo /app/*; id -u; echo > /data/x'],
  });

  await live.act('POST', `/containers/${container}/start`);
  await eventually(async () => !(await inspect()).State.Running);
  const { State } = await inspect();
  const { body } = await requestEngine(host, 'GET', `/containers/${name}/logs?stdout=1&stderr=1`);
  await live.act('DELETE', `/containers/${name}?force=1&v=1`);

  expect(Config).toMatchObject({ User: '7710:7710', StopSignal: 'SIGTERM', Volumes: { '/data': {} } });
  expect(body).toContain('/app/LICENCES.txt /app/LICENSE /app/shorefast.mjs /app/shorefast.mjs.map\n');
  expect(body).toMatch(/7710\n/);
  expect(State.ExitCode).toBe(0);
});

it.runIf(isLocal)(
  'converges the examples on its own engine, is healthy, and ends with 0 on SIGTERM',
  async (test) => {
    const apps = await loadAppsOf(examplesDirectory);
    const wanted = apps.flatMap((app) =>
      app.stacks.flatMap((stack) => stack.services.flatMap((service) => service.containerNames)),
    );
    const rows = await askEngine<readonly { Names: string[] }[]>(host, 'GET', '/containers/json?all=1');
    const taken = rows
      .flatMap(({ Names }) => Names.map((each) => each.slice(1)))
      .filter((each) => wanted.includes(each));
    // The names of the examples are fixed, so on somebody's own engine they may be in use.
    test.skip(taken.length > 0, `in use by others: ${taken}`);
    await createContainer({ Cmd: ['run'] });
    await live.act('POST', `/containers/${name}/start`);
    const { NetworkSettings } = await inspect();
    const url = `http://127.0.0.1:${NetworkSettings.Ports['7710/tcp']?.[0]?.HostPort}`;

    let seen: unknown;
    await eventually(
      async () => {
        const list = (await (await fetch(`${url}/api/v1/stacks`)).json()) as StackListView;
        seen = list.stacks.map((stack) => [stack.name, stack.result, stack.ready.message]);
        return list.stacks.length > 0 && list.stacks.every((stack) => stack.result === 'converged');
      },
      90_000,
      () => JSON.stringify(seen),
    );
    await eventually(async () => (await inspect()).State.Health.Status === 'healthy');
    const document = await (await fetch(`${url}/api/v1/openapi.yaml`)).text();
    await live.act('POST', `/containers/${name}/stop?t=30`);

    const { State } = await inspect();
    expect(Object.keys(await live.ids())).toEqual(expect.arrayContaining(wanted));
    expect(document).toBe(readFileSync(join(examplesDirectory, '../../schemas/openapi.yaml'), 'utf8'));
    expect({ running: State.Running, exitCode: State.ExitCode }).toEqual({ running: false, exitCode: 0 });
  },
);

/** As deploy/compose.yaml runs it: no root, nothing to write to but /data, the socket by its group. */
async function createContainer(config: { Entrypoint?: string[]; Cmd: string[] }): Promise<string> {
  const { Id } = await askEngine<{ Id: string }>(host, 'POST', `/containers/create?name=${name}`, {
    Image: programImage,
    ...config,
    Env: [
      'SHOREFAST_REPO__URL=/state.git',
      `SHOREFAST_OWNER=${owner}`,
      'SHOREFAST_API__HOST=0.0.0.0',
      'SHOREFAST_PRUNE__ENABLED=false',
    ],
    Healthcheck: { Interval: 1e9, StartPeriod: 20e9 },
    HostConfig: {
      Binds: [`${socket}:/var/run/docker.sock`, `${repo.directory}:/state.git:ro`],
      GroupAdd: [String(statSync(socket).gid)],
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PortBindings: { '7710/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
    },
  });
  return Id;
}

function inspect(): Promise<Inspected> {
  return askEngine<Inspected>(host, 'GET', `/containers/${name}/json`);
}
