import { expect, it } from 'vitest';
import type { DesiredService, DesiredStack } from '#domain/desired.ts';
import type { DesiredRoute } from '#domain/routes/desired-route.ts';
import { readExampleFiles } from '#test/support/example-files.ts';
import { formatProblems, loadState } from '#test/support/manifest-input.ts';

async function loadExamples(files = readExampleFiles()): Promise<readonly DesiredStack[]> {
  const { apps, fleet } = await loadState(files);
  expect(formatProblems([...(fleet.problems ?? []), ...apps.flatMap(({ problems }) => problems)])).toBe('');
  return apps.flatMap(({ stacks }) => stacks);
}

function serviceOf(stacks: readonly DesiredStack[], stack: string, service: string): DesiredService {
  const found = stacks.find(({ name }) => name === stack)?.services.find(({ name }) => name === service);
  if (found === undefined) throw new Error(`there is no service ${service} in ${stack}`);
  return found;
}

it('the example state repo loads without any problem, under the strictest policy', async () => {
  const stacks = await loadExamples();

  expect(
    Object.fromEntries(stacks.map(({ name, services }) => [name, services.map((service) => service.name)])),
  ).toEqual({
    'clock-server': ['mosquitto', 'server'],
    corescope: ['corescope'],
    'launcher-dev': ['launcher'],
    'launcher-prod': ['launcher'],
    'launcher-rel': ['launcher'],
    mcr: ['api', 'web'],
    myapp: ['broker', 'myapp'],
  });
});

it('every example that listens has a way in', async () => {
  const { apps, fleet } = await loadState(readExampleFiles());
  const listEntries = (routes: readonly DesiredRoute[] = []) =>
    routes.flatMap((route) => ('hosts' in route ? route.hosts : `port ${route.listen}`));
  const stacks = apps.flatMap((app) => app.stacks);

  expect(Object.fromEntries(stacks.map(({ name, routes }) => [name, listEntries(routes)]))).toEqual({
    'clock-server': ['clock.example.com', 'port 1883'],
    corescope: ['corescope.example.com'],
    'launcher-dev': ['stage-dev-launcher.example.com'],
    'launcher-prod': ['launcher.example.com'],
    'launcher-rel': ['stage-rel-launcher.example.com'],
    mcr: ['mcr-api.example.com', 'mcr.example.com'],
    myapp: [],
  });
  expect(listEntries(fleet.proxy?.routes)).toEqual(['nas.example.com', 'old.example.com', 'www.example.com']);
});

it('the examples publish no port of the host twice', async () => {
  const services = (await loadExamples()).flatMap((stack) => stack.services);

  const ports = services.flatMap(({ spec }) => spec.ports.map(({ hostPort }) => hostPort)).toSorted();

  expect(ports).toEqual(['18080', '18081', '18082', '18083', '18084', '18085', '18086', '18883', '18884']);
});

it('the stages of the launcher differ in tag, port and drift', async () => {
  const stacks = (await loadExamples()).filter(({ app }) => app === 'launcher');

  const facts = stacks.map(({ name, drift, networks, services }) => ({
    name,
    drift,
    shared: networks.filter((network) => network.shared).map((network) => network.name),
    image: services[0]?.spec.image,
    hostPort: services[0]?.spec.ports[0]?.hostPort,
    title: services[0]?.spec.environment['APP_TITLE'],
    mode: services[0]?.spec.environment['NODE_ENV'],
  }));

  const image = 'gitea.example.com/apps/web-app-launcher';
  const shared = ['shorefast'];
  expect(facts).toEqual([
    {
      name: 'launcher-dev',
      drift: 'warn',
      shared,
      image: `${image}:dev-142`,
      hostPort: '18081',
      title: 'Apps (development)',
      mode: 'development',
    },
    {
      name: 'launcher-prod',
      drift: 'heal',
      shared,
      image: `${image}:v1.3.2`,
      hostPort: '18083',
      title: 'Apps',
      mode: 'production',
    },
    {
      name: 'launcher-rel',
      drift: 'heal',
      shared,
      image: `${image}:v1.4.0`,
      hostPort: '18082',
      title: 'Apps (release candidate)',
      mode: 'production',
    },
  ]);
});

it('the components of one service run one version and share its directory', async () => {
  const stacks = await loadExamples();
  const components = ['api', 'web'].map((name) => serviceOf(stacks, 'mcr', name).spec);

  expect(components.map(({ image }) => image)).toEqual([
    'registry.example.com/mcr/mcr-api:v1.2.0',
    'registry.example.com/mcr/mcr-web:v1.2.0',
  ]);
  const mount = { kind: 'volume', name: 'mcr_srv', target: '/srv/mcr', readOnly: false };
  expect(components.map(({ mounts }) => mounts)).toEqual([[mount], [mount]]);
});

it('the logs of the MQTT app are limited', async () => {
  const { spec } = serviceOf(await loadExamples(), 'myapp', 'myapp');

  expect(spec.logging).toEqual({ driver: 'json-file', options: { 'max-size': '5m', 'max-file': '3' } });
});

it('the client of the clock server is a job of its stack once its profile is chosen', async () => {
  const files = readExampleFiles();
  const path = 'apps/clock-server/app.yaml';
  const chosen = files[path]?.replace('# profiles: [tools]', 'profiles: [tools]') ?? '';
  const stacks = await loadExamples({ ...files, [path]: chosen });

  const client = serviceOf(stacks, 'clock-server', 'clockctl');

  expect(client.isJob).toBe(true);
  expect(client.dependsOn).toEqual([
    { service: 'server', condition: 'healthy', required: true, restart: false },
  ]);
});
