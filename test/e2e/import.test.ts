import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSource } from '#test/support/compose-cases.ts';
import { composeUp, readProjectIds } from '#test/support/compose-up.ts';
import { askEngine, requestEngine } from '#test/support/engine-request.ts';
import { testLabel } from '#test/support/images.ts';
import { runCommand } from '#test/support/run-command.ts';
import { openWorld } from '#test/support/world.ts';

async function openDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'shorefast-import-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

it.each(['h-environment-types', 'h-logging-labels', 'h-networks-several', 'h-ports-long', 'h-volumes-tmpfs'])(
  'what an import of the running %s has written takes it over as it runs',
  async (name) => {
    await using world = await openWorld();
    const host = world.engine.host;
    await using _compose = await composeUp(host, name);
    await using out = await openDirectory();
    const { project } = readSource(name);
    const ids = await readProjectIds(host, project);
    const docker = { SHOREFAST_DOCKER__HOST: host, SHOREFAST_POLICY__ALLOWED_BIND_PATHS: '/' };

    const imported = await runCommand(['import', 'running', '--project', project, '--out', out.path], docker);
    expect(imported).toMatchObject({ code: 0, stderr: expect.stringContaining('✔ 1 app written') });

    const read = (file: string) => readFile(join(out.path, project, file), 'utf8');
    await world.repo.commit({
      [`apps/${project}/app.yaml`]: (await read('app.yaml')).replace('# adopt: true', 'adopt: true'),
      [`apps/${project}/compose.yaml`]: await read('compose.yaml'),
    });
    const env = {
      ...docker,
      SHOREFAST_OWNER: world.owner,
      SHOREFAST_REPO__URL: world.repo.directory,
      SHOREFAST_DATA_DIRECTORY: join(world.repo.root, 'data'),
    };
    expect(await runCommand(['apply', '--timeout', '60'], env)).toMatchObject({ code: 0 });
    expect(await runCommand(['plan', '-o', 'wide'], env)).toMatchObject({ code: 0, stdout: '' });
    expect(await readProjectIds(host, project)).toEqual(ids);
  },
);

it('a container of docker run becomes an app of its own, and its password stays out of it', async () => {
  await using world = await openWorld();
  await using out = await openDirectory();
  const host = world.engine.host;
  const name = `${world.app}-alone`;
  const create = {
    Image: 'shorefast-test/web:1',
    Env: ['LEVEL=a$b', 'DB_PASSWORD=canary-1', 'DATABASE_URL=postgres://u:canary-2@db/x'],
    Labels: { [testLabel]: world.app },
  };
  const { Id } = await askEngine<{ Id: string }>(host, 'POST', `/containers/create?name=${name}`, create);
  try {
    const args = ['import', 'running', '--project', name, '--out', out.path];
    const first = await runCommand(args, { SHOREFAST_DOCKER__HOST: host });
    expect(first).toMatchObject({ code: 0 });
    expect(first.stderr).toContain('was not started by Docker Compose, so it cannot be adopted');

    const compose = await readFile(join(out.path, name, 'compose.yaml'), 'utf8');
    const example = await readFile(join(out.path, name, '.env.example'), 'utf8');
    expect(compose).toContain('LEVEL: a$$b');
    expect(compose).not.toMatch(/canary|WEB_VERSION|PATH/);
    expect(example).toContain('_DB_PASSWORD=\n');
    expect(example).toContain('_DATABASE_URL=\n');
    expect(first.stdout + first.stderr + example).not.toContain('canary');

    expect(await runCommand(args, { SHOREFAST_DOCKER__HOST: host })).toMatchObject({ code: 7, stdout: '' });
    expect(await runCommand([...args, '--force'], { SHOREFAST_DOCKER__HOST: host })).toMatchObject({
      code: 0,
    });
  } finally {
    await requestEngine(host, 'DELETE', `/containers/${Id}?force=1`);
  }
});
