import { expect, it } from 'vitest';
import { askEngine, requestEngine } from '#test/support/engine-request.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { openWorld, type World } from '#test/support/world.ts';

/** Answers with $STATUS on /cgi-bin/health; what it mounts is where the hooks leave their traces. */
function appOf(status: number, delivery: readonly string[]): string {
  const script = '#!/bin/sh\\nprintf "Status: %%s It\\\\r\\\\n\\\\r\\\\nit says $$STATUS" $$STATUS\\n';
  return [
    'apiVersion: shorefast/v1',
    'kind: App',
    'spec:',
    '  image: shorefast-test/web:1',
    '  port: 8080',
    '  stop_grace_period: 1s',
    '  environment:',
    `    STATUS: "${status}"`,
    '  volumes: ["traces:/traces"]',
    '  command:',
    '    - sh',
    '    - -c',
    '    - |',
    '      mkdir -p /www/cgi-bin',
    `      printf '${script}' > /www/cgi-bin/health`,
    '      busybox chmod 755 /www/cgi-bin/health',
    "      trap 'exit 0' TERM",
    '      httpd -f -p 8080 -h /www & wait',
    '  restart: unless-stopped',
    ...delivery.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

async function commit(
  { repo, app }: World,
  text: string,
  more: Record<string, string> = {},
): Promise<string> {
  return repo.commit({ [`apps/${app}/app.yaml`]: text, ...more });
}

async function waitFor(daemon: TestDaemon, stack: string, reason: string): Promise<void> {
  await eventually(
    async () => JSON.stringify(await daemon.stack(stack)).includes(reason),
    40_000,
    () => `${stack}: no ${reason}: ${daemon.output().split('\n').slice(-5).join('\n')}`,
  );
}

const running = async ({ live }: World) =>
  (await live.containers()).filter(({ state }) => state === 'running').map(({ name }) => name);

for (const [kind, check] of [
  ['http', 'http: { path: /cgi-bin/health }'],
  ['exec', 'exec: { command: \'wget -q -O - "http://127.0.0.1:8080/cgi-bin/health"\' }'],
] as const) {
  it(`a version that does not pass its ${kind} check never serves, and the one before goes on`, async () => {
    await using world = await openWorld();
    const { app, live } = world;
    const health = [
      `health: { ${check}, interval: 300ms, deadline: 4s }`,
      'rollout: { strategy: blue-green }',
    ];
    const good = await commit(world, appOf(200, health));
    const daemon = await world.start();
    await daemon.converged(good, app);
    const before = await live.container(`${app}-${app}-1`);

    await commit(world, appOf(500, health));
    await daemon.reconcile();
    await waitFor(daemon, app, 'Held');

    await eventually(async () => (await running(world)).length === 1, 10_000);
    expect((await live.container(`${app}-${app}-1`)).id).toBe(before.id);
    expect(JSON.stringify(await daemon.stack(app))).toContain('500');
    expect((await daemon.stack(app))?.result).toBe('held');
  });
}

it('hooks run once, before and after a rollout; one that fails leaves the old version alone', async () => {
  await using world = await openWorld();
  const { app, live } = world;
  const hooks = (before: string) => [
    'hooks:',
    `  preDeploy: { command: "${before}", deadline: 30s }`,
    '  postDeploy: { command: "echo post $$STATUS >> /traces/log" }',
  ];
  const first = await commit(world, appOf(200, hooks('echo pre $$STATUS >> /traces/log')));
  const daemon = await world.start();
  await daemon.converged(first, app);
  const second = await commit(world, appOf(201, hooks('echo pre $$STATUS >> /traces/log')));
  await daemon.reconcile();
  await daemon.converged(second, app);
  await daemon.reconcile();
  await daemon.converged(second, app);
  expect(await traces(world)).toBe('pre 200\npost 200\npre 201\npost 201\n');
  const before = await live.container(`${app}-${app}-1`);

  await commit(world, appOf(202, hooks('echo the schema is newer; exit 3')));
  await daemon.reconcile();
  await waitFor(daemon, app, 'HookFailed');

  expect((await live.container(`${app}-${app}-1`)).id).toBe(before.id);
  expect(await running(world)).toEqual([`${app}-${app}-1`]);
  const hook = await live.container(`${app}-pre-deploy`);
  expect(hook).toMatchObject({ state: 'exited', labels: { 'shorefast.hook': 'pre-deploy' } });
});

it('an app waits until the one it depends on is ready', async () => {
  await using world = await openWorld();
  const { app, live, repo } = world;
  const slow = ['health: { exec: { command: test -e /traces/go }, interval: 300ms }'];
  const files = {
    [`apps/${app}/app.yaml`]: appOf(200, [`dependsOn: [${app}-base]`]),
    [`apps/${app}-base/app.yaml`]: appOf(200, slow),
  };
  const head = await repo.commit(files);
  const daemon = await world.start();
  await waitFor(daemon, app, `waits until app ${app}-base is ready`);
  const base = `${app}-base-${app}-base-1`;
  await eventually(async () => (await running(world)).includes(base), 10_000);
  expect(await running(world)).toEqual([base]);

  await execIn(world, base, 'touch /traces/go');
  await daemon.converged(head, app, `${app}-base`);

  expect(await running(world)).toHaveLength(2);
  expect((await live.container(`${app}-${app}-1`)).state).toBe('running');
});

async function traces(world: World): Promise<string> {
  return execIn(world, `${world.app}-${world.app}-1`, 'cat /traces/log');
}

async function execIn({ live }: World, name: string, script: string): Promise<string> {
  const command = { Cmd: ['sh', '-c', script], AttachStdout: true, AttachStderr: true, Tty: true };
  const { Id } = await askEngine<{ Id: string }>(live.host, 'POST', `/containers/${name}/exec`, command);
  const json = { Detach: false, Tty: true };
  const { body } = await requestEngine(live.host, 'POST', `/exec/${Id}/start`, { json });
  return body.replaceAll('\r\n', '\n');
}
