import { expect, it } from 'vitest';
import type { ImportComposeOptions, ImportRunningOptions } from '#cli/cli-actions.ts';
import type { ImportView } from '#contract/import-view.ts';
import { run } from './cli-fixture.ts';

const view: ImportView = {
  apps: ['shop'],
  files: ['apps/shop/app.yaml', 'apps/shop/compose.yaml'],
  notes: ['shop: .env was not copied'],
  problems: [],
};

it('tells what was written, and beside it what to look at', async () => {
  const result = await run('import compose ../shop --out apps/shop', { importCompose: async () => view });

  expect(result).toEqual({
    exitCode: 0,
    out: 'apps/shop/app.yaml\napps/shop/compose.yaml\n',
    err: '⚠ shop: .env was not copied\n✔ 1 app written; 0 errors, 0 warnings\n',
  });
});

it('a result that cannot be read by the daemon is a failure', async () => {
  const problems = [{ severity: 'error', file: 'shop/compose.yaml', message: 'swarm only' }] as const;

  const { exitCode, err } = await run('import running --out apps', {
    importRunning: async () => ({ ...view, problems }),
  });

  expect(exitCode).toBe(1);
  expect(err).toContain('shop/compose.yaml: swarm only');
});

it('overwrites and copies secrets only when told to', async () => {
  const asked: (ImportComposeOptions | ImportRunningOptions)[] = [];
  const actions = {
    importCompose: async (options: ImportComposeOptions) => (asked.push(options), view),
    importRunning: async (options: ImportRunningOptions) => (asked.push(options), view),
  };

  await run('import compose here --out there', actions);
  await run('import compose here --out there --force --with-env --name x', actions);
  await run('import running --out there --project x --docker-host unix:///x', actions);

  expect(asked).toEqual([
    { directory: 'here', out: 'there', force: false, withEnv: false },
    { directory: 'here', out: 'there', force: true, withEnv: true, name: 'x' },
    { out: 'there', project: 'x', force: false, flags: { 'docker.host': 'unix:///x' } },
  ]);
});

it('needs to know where to', async () => {
  const { exitCode, err } = await run('import compose here');

  expect(exitCode).toBe(2);
  expect(err).toContain('--out');
});
