import { expect, it } from 'vitest';
import { parseAllotted } from '#domain/routes/allotted-ports.ts';
import { eventually } from '#test/support/test-daemon.ts';
import { openWorld } from '#test/support/world.ts';

const fleet = `apiVersion: shorefast/v1
kind: Fleet
spec:
  domain: example.test
  defaults: { routes: { reach: host }, rollout: { drain: 1s } }
`;

/** Serves its version at the port that it is told. */
function appOf(version: string): string {
  return `apiVersion: shorefast/v1
kind: App
spec:
  image: shorefast-test/web:1
  route: true
  stop_grace_period: 1s
  environment: { VERSION: ${version} }
  command:
    - sh
    - -c
    - |
      mkdir -p /www && echo "$$VERSION" > /www/index.html
      trap 'exit 0' TERM
      httpd -f -p $$PORT -h /www & wait
  restart: unless-stopped
`;
}

it('a version gets a port of the host of its own, serves there, and keeps it through a restart', async () => {
  await using world = await openWorld();
  const { app, live, repo } = world;
  const commit = (version: string) =>
    repo.commit({ 'fleet.yaml': fleet, [`apps/${app}/app.yaml`]: appOf(version) });
  const name = `${app}-${app}-1`;
  const portOf = async () => parseAllotted((await live.container(name)).labels['shorefast.ports'])['default'];
  const answers = async (port: number | undefined, text: string) =>
    eventually(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
      return (await answer?.text())?.trim() === text;
    }, 10_000);

  const first = await commit('one');
  const daemon = await world.start();
  await daemon.converged(first, app);
  const one = await portOf();
  await answers(one, 'one');

  await live.act('POST', `/containers/${name}/restart?t=1`);
  await answers(one, 'one');

  const second = await commit('two');
  await daemon.reconcile();
  await daemon.converged(second, app);
  const two = await portOf();
  await answers(two, 'two');
  expect(two).not.toBe(one);
  expect((await daemon.stack(app))?.drifted).toBe(0);

  const { id } = await live.container(name);
  await live.act('DELETE', `/containers/${id}?force=1`);
  await eventually(
    async () => (await live.ids())[name] !== id && (await live.ids())[name] !== undefined,
    20_000,
  );
  await answers(two, 'two');
  expect(await portOf()).toBe(two);
}, 120_000);
