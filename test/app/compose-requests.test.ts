import { expect, it } from 'vitest';
import { composeRequests } from '#app/compose/compose-requests.ts';
import type { Problem } from '#domain/problem.ts';
import type { ComposeService } from '#manifest/compose/project/compose-project.ts';
import { createPlaceFrom } from '#manifest/place.ts';

async function ask(services: Readonly<Record<string, Partial<ComposeService>>>, apiVersion = '1.51') {
  const problems: Problem[] = [];
  const full = Object.entries(services).map(([name, service]) => [
    name,
    { command: null, entrypoint: null, image: 'web', networks: { default: null }, ...service },
  ]);
  const project = {
    name: 'shop',
    services: Object.fromEntries(full) as Readonly<Record<string, ComposeService>>,
    networks: { default: { name: 'shop_default', ipam: {} } },
  };
  const document = { file: 'compose.yaml', value: project, locate: () => undefined };
  const place = createPlaceFrom([], problems, (path) => ({ document, path }));
  return composeRequests(
    {
      result: { kind: 'read', project, values: new Map(), inactive: new Map(), place },
      problems,
      files: ['/srv/shop/compose.yaml', '/srv/shop/more.yaml'],
      reading: { workingDirectory: '/srv/shop', readFile: async () => ({ kind: 'missing' }) },
      envFiles: ['/srv/shop/one.env', '/srv/shop/two.env'],
    },
    apiVersion,
  );
}

type Body = {
  readonly Image: string;
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly Labels: object;
};

async function bodiesOf(services: Parameters<typeof ask>[0]): Promise<Readonly<Record<string, Body>>> {
  const { requests = [] } = await ask(services);
  return Object.fromEntries(requests.map(({ query, body }) => [query['name'] ?? '', body as Body]));
}

it('a service is known by its containers, a foreign container as it is written', async () => {
  const bodies = await bodiesOf({
    vpn: { container_name: 'gluetun' },
    a: { network_mode: 'service:vpn', volumes_from: ['vpn', 'container:elsewhere'] },
    b: { network_mode: 'container:gluetun', pid: 'container:elsewhere' },
  });

  expect(bodies['shop-a-1']?.HostConfig).toMatchObject({
    NetworkMode: 'container:<container:vpn-1>',
    VolumesFrom: ['<container:vpn-1>', 'elsewhere'],
  });
  expect(bodies['shop-b-1']?.HostConfig).toMatchObject({
    NetworkMode: 'container:gluetun',
    PidMode: 'container:elsewhere',
  });
});

it('images and places are told as they are written', async () => {
  const { 'shop-a-1': body } = await bodiesOf({ a: { image: 'web' } });

  expect(body?.Image).toBe('web');
  expect(body?.Labels).toMatchObject({
    'com.docker.compose.project.working_dir': '/srv/shop',
    'com.docker.compose.project.config_files': '/srv/shop/compose.yaml,/srv/shop/more.yaml',
    'com.docker.compose.project.environment_file': '/srv/shop/one.env,/srv/shop/two.env',
  });
});

it('what is not reached because another service is refused is told as well', async () => {
  const { requests = [], refusals } = await ask(
    {
      gated: { healthcheck: { test: ['CMD', 'true'], start_period: '1m0s', start_interval: '2s' } },
      behind: { depends_on: { gated: { condition: 'service_started', required: true } } },
      beside: {},
    },
    '1.41',
  );

  expect(requests.map(({ query, path }) => query['name'] ?? path)).toEqual([
    '/networks/create',
    'shop-beside-1',
  ]);
  expect(refusals).toEqual([
    'service:gated/1: healthcheck.start_interval needs API 1.44, and this engine speaks 1.41',
    'service:behind/1: it is not made before service gated is running',
  ]);
});

it('a project with an error has no requests', async () => {
  const { requests, problems } = await ask({ a: { provider: { type: 'x' } } });

  expect(requests).toBeUndefined();
  expect(problems.map(({ path }) => path)).toEqual(['services.a.provider']);
});
