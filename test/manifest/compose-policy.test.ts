import { describe, expect, it } from 'vitest';
import type { ComposeService, ComposeVolume } from '#manifest/compose/project/compose-project.ts';
import { makeStack } from '#test/support/compose-stack.ts';
import { openPolicy, strictPolicy } from '#test/support/manifest-input.ts';

// Whoever can write to the state repo must not become master of the host by it.
const dangerous: readonly (readonly [path: string, service: Partial<ComposeService>])[] = [
  ['privileged', { privileged: true }],
  ['network_mode', { network_mode: 'host' }],
  ['network_mode', { network_mode: 'container:other' }],
  ['pid', { pid: 'host' }],
  ['pid', { pid: 'container:other' }],
  ['ipc', { ipc: 'host' }],
  ['ipc', { ipc: 'container:other' }],
  ['uts', { uts: 'host' }],
  ['userns_mode', { userns_mode: 'host' }],
  ['cgroup', { cgroup: 'host' }],
  ['cgroup_parent', { cgroup_parent: '/' }],
  ['runtime', { runtime: 'anything' }],
  ['annotations', { annotations: { 'run.oci.hooks.stdout': '/etc/cron.d/x' } }],
  ['volumes_from', { volumes_from: ['container:other'] }],
  ['devices', { devices: [{ source: '/dev/sda', target: '/dev/sda', permissions: 'rwm' }] }],
  ['devices', { gpus: [{ count: -1 }] }],
  ['device_cgroup_rules', { device_cgroup_rules: ['a *:* rwm'] }],
  ['cap_add', { cap_add: ['sys_admin'] }],
  ['security_opt', { security_opt: ['apparmor=unconfined'] }],
  ['security_opt', { security_opt: ['systempaths=unconfined'] }],
  ['use_api_socket', { use_api_socket: true }],
  ['volumes[0]', { volumes: [{ type: 'bind', source: '/etc', target: '/x' }] }],
  ['volumes[0]', { volumes: [{ type: 'bind', source: '/srv/../etc', target: '/x' }] }],
];

describe("what makes a service master of the host needs the host's consent", () => {
  it.each(dangerous)('%s: %j', async (path, service) => {
    const policy = { ...strictPolicy, allowedBindPaths: ['/srv'] };

    const refused = await makeStack({ web: service }, {}, { policy });
    const allowed = await makeStack({ web: service });

    expect(refused.problems).toContain(`error services.web.${path}`);
    expect(allowed.problems).not.toContain(`error services.web.${path}`);
  });
});

it("the host's network is refused under whatever name it is reached", async () => {
  const networks = { n: { name: 'host', external: true, ipam: {} } };

  const { problems } = await makeStack(
    { web: { networks: { n: null } } },
    { networks },
    { policy: strictPolicy },
  );

  expect(problems).toEqual(['error services.web.networks']);
});

describe('a build reaches the networks that a container may reach', () => {
  it.each(['host', 'container:other'])('%s', async (network) => {
    const service = { build: { context: '.', network } };
    const policy = { ...openPolicy, allowHostNetwork: false };

    const refused = await makeStack({ web: service }, {}, { policy });
    const allowed = await makeStack({ web: service });

    expect(refused.problems).toEqual(['error services.web.build.network']);
    expect(allowed.problems).toEqual([]);
  });
});

it("what the stack's own services share needs no consent", async () => {
  const { problems } = await makeStack(
    {
      vpn: { container_name: 'gluetun' },
      web: { network_mode: 'container:gluetun', pid: 'service:vpn', volumes_from: ['vpn'] },
    },
    {},
    { policy: strictPolicy },
  );

  expect(problems).toEqual([]);
});

describe('a volume of the engine itself can be any directory or disk of the host', () => {
  const mount = { volumes: [{ type: 'volume', source: 'data', target: '/data' }] } as const;
  const policy = { ...strictPolicy, allowedBindPaths: ['/srv'] };
  const make = async (volume: ComposeVolume) =>
    (await makeStack({ web: mount }, { volumes: { data: volume } }, { policy })).problems;

  it.each<[string, ComposeVolume]>([
    ['a directory', { driver: 'local', driver_opts: { type: 'none', o: 'bind', device: '/etc' } }],
    ['a directory behind a harmless type', { driver_opts: { type: 'nfs', o: 'ro,bind', device: '/etc' } }],
    ['a disk', { driver_opts: { type: 'ext4', device: '/dev/sda1' } }],
    ['layers', { driver_opts: { type: 'overlay', device: 'overlay', o: 'lowerdir=/etc' } }],
  ])('%s is refused', async (_, volume) => {
    expect(await make(volume)).toEqual(['error volumes.data.driver_opts']);
  });

  it.each<[string, ComposeVolume]>([
    ['a plain one', {}],
    ['a directory that may be mounted', { driver_opts: { type: 'none', o: 'bind', device: '/srv/data' } }],
    ['one of another machine', { driver_opts: { type: 'nfs', o: 'addr=10.0.0.1', device: ':/export' } }],
    ['one of another driver', { driver: 'rclone', driver_opts: { device: '/etc' } }],
  ])('%s is not', async (_, volume) => {
    expect(await make(volume)).toEqual([]);
  });
});
