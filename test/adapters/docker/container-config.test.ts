import { describe, expect, it } from 'vitest';
import { toCreateRequest } from '#adapters/docker/container-config.ts';
import { toNetworkBody } from '#adapters/docker/network-config.ts';
import type { Mount, NetworkAttachment } from '#domain/container-spec.ts';
import type { DesiredService } from '#domain/desired.ts';
import type { ContainerToCreate } from '#domain/plan.ts';
import {
  listRecordedCases,
  loadComposeCase,
  readRecordedRequests,
  recordedVersions,
} from '#test/support/compose-cases.ts';
import { loadOnlyStack, openPolicy } from '#test/support/manifest-input.ts';
import { buildAttachment, buildContainer } from './build-container.ts';

type Json = Readonly<Record<string, unknown>>;

// The short form of tmpfs goes as text into `Tmpfs`; to us both forms are one mount, sent as an object.
const writtenOtherwise = ['h-volumes-tmpfs'];

// What Docker Compose sent for the same file is the truth: see test/compose-cases/README.md.
describe.each(recordedVersions)('an engine of API %s is asked as Docker Compose does', (version) => {
  it.each(listRecordedCases(version).filter((name) => !writtenOtherwise.includes(name)))(
    'for the containers of %s',
    async (name) => {
      const { stacks } = await loadComposeCase(name);

      const recorded = readRecordedRequests<Json>(name, version);
      const requests = (stacks[0]?.services ?? []).flatMap((service) =>
        service.containerNames.map((container) => toCreateRequest(toContainer(service, container), version)),
      );

      expect(requests.length).toBeGreaterThan(0);
      expect(byName(requests)).toEqual(byName(recorded.filter(({ path }) => path === '/containers/create')));
    },
  );

  it.each(listRecordedCases(version))('for the networks of %s', async (name) => {
    const { stacks } = await loadComposeCase(name);

    const recorded = readRecordedRequests<Json>(name, version);
    const bodies = (stacks[0]?.networks ?? [])
      .filter(({ external }) => !external)
      .map((network) => toNetworkBody(network, network.labels, version) as Json);

    const asked = recorded.filter(({ path }) => path === '/networks/create').map(({ body }) => body);
    expect(byNameField(bodies)).toEqual(byNameField(asked));
  });
});

function toContainer(service: DesiredService, name: string): ContainerToCreate {
  // The planner's order: the highest priority first, then by name.
  const attachments: NetworkAttachment[] = service.spec.networks
    .map((each) => ({ ...each, aliases: [name, service.name, ...each.aliases] }))
    .toSorted((a, b) => b.priority - a.priority || (a.network < b.network ? -1 : 1));
  const shared = /^service:(.*)$/.exec(service.spec.networkMode ?? '')?.[1];
  const mode = shared === undefined ? service.spec.networkMode : `container:<container:${shared}-1>`;
  return {
    name,
    spec: service.spec,
    imageId: service.spec.image,
    labels: service.spec.labels,
    attachments,
    networkMode: mode ?? attachments[0]?.network ?? '',
  };
}

function byName(requests: readonly { query: Json; body: Json }[]): Json {
  return Object.fromEntries(
    requests.map(({ query, body }) => [query['name'], { query, body: normal(body) }]),
  );
}

/** Fields where nothing and empty differ; everywhere else a zero value is the same as none. */
const meaningfulWhenEmpty = new Set(['Cmd', 'Entrypoint', 'Init', 'StopTimeout', 'Healthcheck']);

/** An address is asked for in `IPAMConfig`; beside it, it is what an engine tells of a running container. */
const saysNothing = new Set(['OnBuild', 'IPAddress']);

function byJson(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function byNameField(bodies: readonly Json[]): Json {
  return Object.fromEntries(bodies.map((body) => [body['Name'], normal(body)]));
}

function normal(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((each) => normal(each));
    const isOrdered = key === 'Cmd' || key === 'Entrypoint' || key === 'Test' || key === 'Aliases';
    return isOrdered ? items : items.toSorted(byJson);
  }
  if (typeof value !== 'object' || value === null) return value;
  // A set, written as an object.
  if (key === 'ExposedPorts') return Object.keys(value).toSorted();
  const entries = Object.entries(value)
    .filter(([name]) => !name.startsWith('com.docker.compose.') && !saysNothing.has(name))
    .map(([name, each]) => [name, normal(each, name)] as const)
    .filter(([name, each]) => each !== null && (isMeaningful(each) || meaningfulWhenEmpty.has(name)));
  return Object.fromEntries(entries);
}

function isMeaningful(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((each) => each !== 0);
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  // Two spellings of one policy.
  return value !== '' && value !== 0 && value !== false && value !== 'no';
}

describe('what no recorded case shows', () => {
  const mac = buildAttachment('front', { macAddress: '02:42:ac:11:00:aa', ipv4Address: '10.1.0.2' });
  const two = buildContainer('web', {}, { attachments: [mac, buildAttachment('back')] });

  it("before API 1.44 only the first network is given, and the MAC address is the container's", () => {
    const { body } = toCreateRequest(two, '1.43');

    expect(body['MacAddress']).toBe('02:42:ac:11:00:aa');
    expect(body['NetworkingConfig']).toEqual({
      EndpointsConfig: { front: { Aliases: [], IPAMConfig: { IPv4Address: '10.1.0.2' } } },
    });
  });

  it('from API 1.44 on every network is given, each with its MAC address', () => {
    const { body } = toCreateRequest(two, '1.44');

    expect(body['MacAddress']).toBeUndefined();
    expect(body['NetworkingConfig']).toMatchObject({
      EndpointsConfig: { front: { MacAddress: '02:42:ac:11:00:aa' }, back: { Aliases: [] } },
    });
  });

  // Taken from the recorded case h-kernel-security, which as a whole asks for more than we carry out.
  it('kernel settings are sent as Docker Compose sends them', async () => {
    const attributes = [
      'ulimits: {nproc: 65535, nofile: {soft: 20000, hard: 40000}, memlock: -1}',
      'sysctls: {net.core.somaxconn: 1024, net.ipv4.tcp_syncookies: "0"}',
      'security_opt: ["no-new-privileges:true", "apparmor:unconfined", "seccomp=unconfined"]',
      'devices: ["/dev/null:/dev/orc", "/dev/zero", {source: /dev/full, permissions: r}]',
      'group_add: [mail, "1001"]',
      'shm_size: 64m',
      'pids_limit: 50',
    ];
    const compose = `services:\n  a:\n    image: x\n${attributes.map((line) => `    ${line}\n`).join('')}`;
    const [service] = (await loadOnlyStack({ 'compose.yaml': compose }, openPolicy)).services;

    const { body } = toCreateRequest(buildContainer('a', service?.spec ?? {}), '1.41');

    expect(body['HostConfig']).toMatchObject({
      Ulimits: [
        { Name: 'memlock', Hard: -1, Soft: -1 },
        { Name: 'nofile', Hard: 40000, Soft: 20000 },
        { Name: 'nproc', Hard: 65535, Soft: 65535 },
      ],
      Sysctls: { 'net.core.somaxconn': '1024', 'net.ipv4.tcp_syncookies': '0' },
      SecurityOpt: ['no-new-privileges:true', 'apparmor:unconfined', 'seccomp=unconfined'],
      Devices: [
        { PathOnHost: '/dev/null', PathInContainer: '/dev/orc', CgroupPermissions: 'rwm' },
        { PathOnHost: '/dev/zero', PathInContainer: '/dev/zero', CgroupPermissions: 'rwm' },
        { PathOnHost: '/dev/full', PathInContainer: '/dev/full', CgroupPermissions: 'r' },
      ],
      GroupAdd: ['mail', '1001'],
      ShmSize: 67108864,
      PidsLimit: 50,
    });
  });

  it('what is not declared is not sent', () => {
    const { body } = toCreateRequest(buildContainer('web'), '1.41');

    const sent = Object.keys(body['HostConfig'] as object);
    expect(
      sent.filter((key) => /Log|Dns|Hosts|Device|Ulimits|Sysctls|Shm|Annot|Group|Security/.test(key)),
    ).toEqual([]);
  });

  it.each<[string, Mount, string | object]>([
    ['a bind', bind({}), '/srv/a:/a:rw'],
    ['a bind for reading', bind({ readOnly: true, selinux: 'Z' }), '/srv/a:/a:ro,Z'],
    [
      'a bind whose source must exist',
      bind({ createHostPath: false }),
      { Type: 'bind', Source: '/srv/a', Target: '/a', ReadOnly: false, BindOptions: {} },
    ],
    [
      'a bind with a colon in its path',
      bind({ source: '/srv/a:b' }),
      {
        Type: 'bind',
        Source: '/srv/a:b',
        Target: '/a',
        ReadOnly: false,
        BindOptions: { CreateMountpoint: true },
      },
    ],
    [
      'a volume that is not filled from the image',
      { kind: 'volume', name: 'v', target: '/a', readOnly: true, noCopy: true },
      { Type: 'volume', Source: 'v', Target: '/a', ReadOnly: true, VolumeOptions: { NoCopy: true } },
    ],
  ])('%s', (_, mount, expected) => {
    const { body } = toCreateRequest(buildContainer('web', { mounts: [mount] }), '1.41');

    const { Binds, Mounts } = body['HostConfig'] as { Binds: string[]; Mounts: object[] };
    expect([...Binds, ...Mounts]).toEqual([expected]);
  });
});

function bind(rest: Partial<Extract<Mount, { kind: 'bind' }>>): Mount {
  return { kind: 'bind', source: '/srv/a', target: '/a', readOnly: false, createHostPath: true, ...rest };
}
