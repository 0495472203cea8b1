import { describe, expect, it } from 'vitest';
import type { ComposeService } from '#manifest/compose/project/compose-project.ts';
import { aBuild, aFile } from '#test/support/builders.ts';
import { makeStack } from '#test/support/compose-stack.ts';

const deliver = { files: async () => [], build: async () => undefined, readText: async () => undefined };

async function makeSpec(service: Partial<ComposeService>) {
  const { stack } = await makeStack({ web: service });
  const [made] = stack.services;
  if (made === undefined) throw new Error('no service was made');
  return made.spec;
}

it('what is not declared does not stand in a spec, so that its hash depends on nothing that is new', async () => {
  expect(await makeSpec({})).toEqual({
    image: 'web:1',
    command: null,
    entrypoint: null,
    environment: {},
    labels: {},
    capAdd: [],
    capDrop: [],
    expose: [],
    ports: [],
    mounts: [],
    restart: { name: '', maxRetries: 0 },
    resources: {},
    networks: [{ network: 'shop_default', aliases: [], priority: 0 }],
  });
});

it('saying that a service is not restarted is another thing than not saying it, but no other container', async () => {
  const { stack } = await makeStack({ a: {}, b: { restart: 'no' } });

  const [silent, job] = stack.services;
  expect([silent?.isJob, job?.isJob]).toEqual([false, true]);
  expect(job?.generation).toBe(silent?.generation);
});

describe('files', () => {
  const relative = {
    volumes: [{ type: 'bind', source: './conf', target: '/conf', read_only: true }],
    configs: [{ source: 'app', target: '/app.conf' }],
    secrets: [{ source: 'key' }],
  } as const;
  const declared = { configs: { app: { content: 'x' } }, secrets: { key: { file: './key' } } };

  it('of the state repo are delivered, and mounted nowhere', async () => {
    const files = async () => [aFile()];

    const { stack, problems } = await makeStack({ web: relative }, declared, {
      deliver: { ...deliver, files },
    });

    expect(problems).toEqual([]);
    expect(stack.services[0]?.spec).toMatchObject({ mounts: [], files: [aFile()] });
  });

  it('of another content are another generation', async () => {
    const make = async (content: string) => {
      const files = async () => [aFile({ content })];
      const { stack } = await makeStack({ web: relative }, declared, { deliver: { ...deliver, files } });
      return stack.services[0]?.generation;
    };

    expect(await make('one')).not.toBe(await make('two'));
  });

  it('of the host are mounted for reading, unless a volume has the place already', async () => {
    const { stack } = await makeStack(
      {
        web: {
          volumes: [{ type: 'volume', target: '/run/secrets/taken' }],
          secrets: [{ source: 'key' }, { source: 'key', target: 'taken' }],
        },
      },
      { secrets: { key: { file: '/etc/key' } } },
    );

    expect(stack.services[0]?.spec.mounts).toEqual([
      { kind: 'volume', target: '/run/secrets/taken', readOnly: false },
      { kind: 'bind', source: '/etc/key', target: '/run/secrets/key', readOnly: true, createHostPath: false },
    ]);
  });

  it('a seccomp profile is put in place of its name, without white space outside its strings', async () => {
    const readText = async () => '{ "a": "b  c\\"  ",\n "d": [1, 2] }';

    const { stack } = await makeStack(
      { web: { security_opt: ['seccomp:./p.json', 'no-new-privileges'] } },
      {},
      {
        deliver: { ...deliver, readText },
      },
    );

    expect(stack.services[0]?.spec.securityOpt).toEqual([
      'seccomp={"a":"b  c\\"  ","d":[1,2]}',
      'no-new-privileges',
    ]);
  });

  it.each([
    ['that is not there', undefined],
    ['that is no JSON', '{'],
  ])('a seccomp profile %s is refused', async (_, text) => {
    const { problems } = await makeStack(
      { web: { security_opt: ['seccomp:./p.json'] } },
      {},
      {
        deliver: { ...deliver, readText: async () => text },
      },
    );

    expect(problems).toEqual(['error services.web.security_opt[0]']);
  });
});

describe('an image that is built', () => {
  const build = async (name: string) => (name === 'web' ? aBuild() : undefined);

  it('is named after its content and serves all that name it', async () => {
    const { stack } = await makeStack(
      { web: { image: 'acme/web:2', build: { context: '.' } }, worker: { image: 'acme/web:2' }, db: {} },
      {},
      { deliver: { ...deliver, build } },
    );

    const [db, web, worker] = stack.services;
    expect(web?.spec.image).toMatch(/^acme\/web:2-[0-9a-f]{16}$/);
    expect(worker?.spec.image).toBe(web?.spec.image);
    expect(web?.build?.tags).toEqual(['acme/web:2']);
    expect([db?.spec.image, db?.build, worker?.build]).toEqual(['web:1', undefined, undefined]);
  });

  it('has the name that Compose gives it where it has none', async () => {
    const { stack } = await makeStack(
      { web: { image: '', build: {} } },
      {},
      { deliver: { ...deliver, build } },
    );

    expect(stack.services[0]?.spec.image).toMatch(/^shop-web:[0-9a-f]{16}$/);
    expect(stack.services[0]?.build?.tags).toEqual([]);
  });
});

describe('networks', () => {
  const networks = {
    a: { name: 'zzz', ipam: {} },
    b: { name: 'aaa', ipam: {} },
    c: { name: 'mmm', ipam: {} },
    unused: { name: 'unused', ipam: {} },
  };

  it('the one of the highest priority is the primary one, then the first by its key', async () => {
    const { stack } = await makeStack(
      { web: { networks: { b: null, c: { priority: 5 }, a: null } } },
      { networks },
    );

    expect(stack.services[0]?.spec.networks.map(({ network }) => network)).toEqual(['mmm', 'zzz', 'aaa']);
    expect(stack.networks.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });

  it("the fleet's network is joined beside the service's own, by whom it is meant for", async () => {
    const shared = { network: 'proxy', services: ['web'] };

    const { stack } = await makeStack({ web: {}, db: {} }, {}, { shared });

    const attached = stack.services.map(({ spec }) => spec.networks.map(({ network }) => network));
    expect(attached).toEqual([['shop_default'], ['shop_default', 'proxy']]);
    expect(stack.networks.find(({ name }) => name === 'proxy')).toMatchObject({ shared: true });
    expect(stack.services[1]?.spec.networks[1]).toMatchObject({ aliases: [], byOwnName: true });
  });

  it('one that could be taken for something else is refused by its name', async () => {
    const { problems } = await makeStack(
      { web: { networks: { x: null } } },
      {
        networks: { x: { name: 'container:db', external: true, ipam: {} } },
      },
    );

    expect(problems).toEqual(['error networks.x.name']);
  });
});

it('two services cannot have one container name, whoever declares it', async () => {
  const { problems } = await makeStack({ web: {}, other: { container_name: 'shop-web-1' } });

  expect(problems).toEqual(['error services.other']);
});

describe('what is not carried out is told by its name', () => {
  const rows: readonly (readonly [string, Partial<ComposeService>])[] = [
    ['error services.web.provider', { provider: { type: 'x' } }],
    ['error services.web.models', { models: { m: null } }],
    ['error services.web.volumes[0]', { volumes: [{ type: 'npipe', source: 'x', target: '/x' }] }],
    ['error services.web.volumes[0]', { volumes: [{ type: 'cluster', source: 'x', target: '/x' }] }],
    ['error services.web.restart', { restart: 'sometimes' }],
    ['error services.web.image', { image: 'Web' }],
    ['error services.web.security_opt[0]', { security_opt: ['nonsense'] }],
    ['error services.web.healthcheck.start_interval', { healthcheck: { start_interval: '1s' } }],
    [
      'error services.web.mac_address',
      { mac_address: '02:42:ac:11:00:01', networks: { default: { mac_address: '02:42:ac:11:00:02' } } },
    ],
    ['warning services.web.attach', { attach: false }],
    ['warning services.web.develop', { develop: {} }],
    ['warning services.web.post_start', { post_start: [{}] }],
    ['warning services.web.pre_stop', { pre_stop: [{}] }],
    ['warning services.web.credential_spec', { credential_spec: {} }],
    ['warning services.web.use_api_socket', { use_api_socket: true }],
    ['warning services.web.pull_policy', { pull_policy: 'daily' }],
    ['warning services.web.working_dir', { working_dir: 'rel' }],
    ['warning services.web.volumes_from[0]', { volumes_from: ['web:ro'] }],
    ['warning services.web.uts', { uts: 'service:web' }],
    ['warning services.web.mac_address', { mac_address: '02:42:ac:11:00:01', network_mode: 'bridge' }],
    ['warning services.web.ports', { ports: [{ target: 80 }], network_mode: 'host' }],
    ['warning services.web.deploy.mode', { deploy: { mode: 'global', resources: {}, placement: {} } }],
    ['warning services.web.deploy.labels', { deploy: { labels: { a: 'b' }, resources: {}, placement: {} } }],
    [
      'warning services.web.deploy.placement',
      { deploy: { resources: {}, placement: { constraints: ['node.role == manager'] } } },
    ],
    [
      'warning services.web.deploy.endpoint_mode',
      { deploy: { endpoint_mode: 'vip', resources: {}, placement: {} } },
    ],
    [
      'warning services.web.deploy.update_config',
      { deploy: { update_config: {}, resources: {}, placement: {} } },
    ],
    [
      'warning services.web.deploy.resources.reservations.cpus',
      { deploy: { resources: { reservations: { cpus: 1 } }, placement: {} } },
    ],
    [
      'warning services.web.deploy.restart_policy.delay',
      { deploy: { resources: {}, placement: {}, restart_policy: { delay: '5s' } } },
    ],
  ];
  it.each(rows)('%s', async (expected, service) => {
    expect((await makeStack({ web: service })).problems).toEqual([expected]);
  });
});
