import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareApiVersions } from '#domain/api-version.ts';
import { type DesiredStack } from '#domain/desired.ts';
import { aNetwork, aService, aStack, aVolume } from '#test/support/builders.ts';
import { testImages } from '#test/support/images.ts';
import { type EngineUnderTest, openEngineUnderTest } from './engine-under-test.ts';
import { type Body, type LiveStack, openLiveStack } from './live-stack.ts';

// Every field of a container, changed by hand on the real engine: exactly that field is told, with its kind; undone,
// nothing is. So the comparison is neither blind nor nervous on this engine.

const megabyte = 1024 ** 2;

let docker: EngineUnderTest;
let live: LiveStack;
let stack: DesiredStack;
let base: Body;
let apiVersion: string;
let web: string;
let plain: string;
let network: string;
let other: string;
let ref: string;

beforeAll(async () => {
  docker = await openEngineUnderTest({}, () => undefined, 900_000);
  live = openLiveStack(docker, docker.name('owner'));
  ({ apiVersion } = await docker.engine.info(docker.signal));
  ref = `${docker.name('image')}:1`;
  await tag(testImages.web1);
  stack = declare();
  for (const service of stack.services) {
    const [name = ''] = service.containerNames;
    if (service.name === 'web') web = name;
    else plain = name;
  }
  await docker.run({
    kind: 'create-network',
    network: aNetwork({ key: 'other', name: other, driver: 'bridge' }),
    labels: docker.labels,
  });
  await live.apply(stack);
  base = await live.describe(web);
}, 120_000);

afterAll(async () => {
  await live.clean();
  await live.act('DELETE', `/images/${ref}?noprune=1`);
  await docker.cleanUp();
});

async function tag(image: string): Promise<void> {
  const [repo, name] = ref.split(':');
  await live.act('POST', `/images/${encodeURIComponent(image)}/tag?repo=${repo}&tag=${name}`);
}

function declare(): DesiredStack {
  const name = docker.name('s');
  network = `${name}_default`;
  other = docker.name('other');
  const attachment = { network, aliases: ['www'], priority: 0, ipv4Address: '10.251.9.20' };
  const restart = { name: 'on-failure', maxRetries: 3 } as const;
  const command = ['sh', '-c', "trap 'exit 0' TERM; sleep 3600 & wait"];
  return aStack({
    name,
    app: name,
    networks: [aNetwork({ name: network, ipam: { pools: [{ subnet: '10.251.9.0/24' }] } })],
    volumes: [aVolume({ name: `${name}_data` }), aVolume({ key: 'more', name: `${name}_more` })],
    services: [
      aService({
        name: 'web',
        stack: name,
        minReadyMs: 0,
        spec: {
          image: ref,
          command,
          entrypoint: ['/bin/env'],
          environment: { LEVEL: 'info', KEEP: '1' },
          labels: { tier: 'front' },
          user: '0:0',
          workingDir: '/tmp',
          hostname: 'clock',
          domainname: 'example.org',
          tty: false,
          stdinOpen: false,
          init: true,
          readOnly: false,
          capAdd: ['NET_ADMIN'],
          capDrop: ['MKNOD'],
          securityOpt: ['no-new-privileges:true'],
          groupAdd: ['1001'],
          devices: [{ source: '/dev/null', target: '/dev/other', permissions: 'rw' }],
          deviceCgroupRules: ['c 1:3 mr'],
          ulimits: [{ name: 'nofile', soft: 1000, hard: 2000 }],
          sysctls: { 'net.core.somaxconn': '1024' },
          shmSizeBytes: 16 * megabyte,
          stopSignal: 'SIGINT',
          stopGraceSeconds: 3,
          healthcheck: { test: ['CMD', 'test', '!', '-e', '/scratch/sick'], intervalMs: 2000, retries: 7 },
          logging: { driver: 'json-file', options: { 'max-size': '5m' } },
          expose: ['6000'],
          ports: [{ containerPort: 8080, protocol: 'tcp', hostPort: '28571', hostIp: '127.0.0.1' }],
          mounts: [
            { kind: 'volume', name: `${name}_data`, target: '/data', readOnly: false },
            { kind: 'bind', source: '/etc', target: '/host', readOnly: true, createHostPath: true },
            { kind: 'tmpfs', target: '/scratch', sizeBytes: megabyte },
          ],
          restart,
          resources: {
            memoryBytes: 64 * megabyte,
            memoryReservationBytes: 32 * megabyte,
            nanoCpus: 500_000_000,
            pidsLimit: 50,
          },
          limits: { cpuShares: 512, cpuset: '0', oomScoreAdjustment: 100 },
          networks: [attachment],
          extraHosts: ['one:192.0.2.1'],
          dns: ['192.0.2.53'],
          dnsSearch: ['a.example'],
          dnsOptions: ['ndots:2'],
        },
      }),
      aService({
        name: 'plain',
        stack: name,
        minReadyMs: 0,
        spec: {
          image: ref,
          command,
          healthcheck: { test: ['CMD', 'test', '!', '-e', '/tmp/sick'], intervalMs: 300, retries: 1 },
          limits: { cpuPeriodMicroseconds: 100_000, cpuQuotaMicroseconds: 50_000 },
          networks: [{ network, aliases: [], priority: 0 }],
        },
      }),
    ],
  });
}

async function tell(): Promise<readonly string[]> {
  const { differences } = await live.plan(stack);
  return differences.map(({ object, path, field, drift }) => {
    const service =
      object === `container ${web}` ? 'web' : object === `container ${plain}` ? 'plain' : object;
    return `${service} ${field} ${path}${drift ? '' : ' (asked for)'}`;
  });
}

/** Undone, nothing may be told: a row that left something behind would hide what the next one shows. */
async function expectTold(told: readonly string[], undo: () => Promise<void>): Promise<void> {
  try {
    await expect.poll(tell, { timeout: 5_000, interval: 100 }).toEqual(told);
  } finally {
    await undo();
  }
  await expect.poll(tell, { timeout: 5_000, interval: 100 }).toEqual([]);
}

it('as it was made, nothing differs', async () => {
  expect(await tell()).toEqual([]);
});

describe('changed while it runs', () => {
  const update = (json: object) => live.act('POST', `/containers/${web}/update`, json);
  const memory = { Memory: 64 * megabyte, MemorySwap: 128 * megabyte };
  const updates: [string, object, object][] = [
    ['resource mem_limit', { Memory: 96 * megabyte, MemorySwap: 192 * megabyte }, memory],
    ['resource memswap_limit', { Memory: 64 * megabyte, MemorySwap: 200 * megabyte }, memory],
    ['resource mem_reservation', { MemoryReservation: 16 * megabyte }, { MemoryReservation: 32 * megabyte }],
    ['resource cpus', { NanoCpus: 700_000_000 }, { NanoCpus: 500_000_000 }],
    ['resource pids_limit', { PidsLimit: 60 }, { PidsLimit: 50 }],
    ['resource cpu_shares', { CpuShares: 256 }, { CpuShares: 512 }],
    ['resource cpuset', { CpusetCpus: '0-1' }, { CpusetCpus: '0' }],
    [
      'restart restart',
      { RestartPolicy: { Name: 'always' } },
      { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
    ],
  ];

  it.each(updates)('%s', async (told, change, undo) => {
    await update(change);

    await expectTold([`web ${told}`], () => update(undo));
  });

  const calls: [string, string, () => Promise<void>, () => Promise<void>][] = [
    [
      'web name name',
      'docker rename',
      () => live.act('POST', `/containers/${web}/rename?name=${web}x`),
      () => live.act('POST', `/containers/${web}x/rename?name=${web}`),
    ],
    [
      'web state state',
      'docker pause',
      () => live.act('POST', `/containers/${web}/pause`),
      () => live.act('POST', `/containers/${web}/unpause`),
    ],
    [
      'web state state',
      'docker stop',
      () => live.act('POST', `/containers/${web}/stop?t=0`),
      () => live.act('POST', `/containers/${web}/start`),
    ],
    [
      'web network networks.default',
      'docker network disconnect',
      () => disconnect(network),
      () => reconnect(),
    ],
    [
      'web network networks.extra.other',
      'docker network connect',
      () => live.act('POST', `/networks/${other}/connect`, { Container: web }),
      () => disconnect(other),
    ],
    [
      'web network networks.default.aliases',
      'without its alias',
      () => disconnect(network).then(() => reconnect({ Aliases: ['web'] })),
      () => disconnect(network).then(() => reconnect()),
    ],
    [
      'web network networks.default.aliases',
      'with one more alias',
      () => disconnect(network).then(() => reconnect({ Aliases: ['web', 'www', 'mine'] })),
      () => disconnect(network).then(() => reconnect()),
    ],
    [
      'web network networks.default.ipv4_address',
      'under another address',
      () => disconnect(network).then(() => reconnect({ IPAMConfig: { IPv4Address: '10.251.9.30' } })),
      () => disconnect(network).then(() => reconnect()),
    ],
    [
      'plain resource pids_limit',
      'a limit that nobody declared',
      () => live.act('POST', `/containers/${plain}/update`, { PidsLimit: 70 }),
      () => live.act('POST', `/containers/${plain}/update`, { PidsLimit: -1 }),
    ],
    [
      'plain resource cpu_quota',
      'docker update --cpu-quota',
      () => live.act('POST', `/containers/${plain}/update`, { CpuPeriod: 100_000, CpuQuota: 70_000 }),
      () => live.act('POST', `/containers/${plain}/update`, { CpuPeriod: 100_000, CpuQuota: 50_000 }),
    ],
    [
      'plain health health',
      'it falls ill',
      () => live.exec(plain, ['touch', '/tmp/sick']),
      () => live.exec(plain, ['rm', '/tmp/sick']),
    ],
  ];

  it.each(calls)('%s: %s', async (told, _, act, undo) => {
    await act();

    const real = told
      .replace('networks.default', `networks.${network}`)
      .replace('extra.other', `extra.${other}`);
    await expectTold([real], undo);
  });

  it('image image: another image under the same name', async () => {
    await tag(testImages.web2);

    await expectTold(['web image image', 'plain image image'], () => tag(testImages.web1));
  });

  async function disconnect(from: string): Promise<void> {
    await live.act('POST', `/networks/${from}/disconnect`, { Container: web });
  }

  async function reconnect(endpoint: object = {}): Promise<void> {
    const EndpointConfig = {
      Aliases: ['web', 'www'],
      IPAMConfig: { IPv4Address: '10.251.9.20' },
      ...endpoint,
    };
    await live.act('POST', `/networks/${network}/connect`, { Container: web, EndpointConfig });
  }
});

describe('made anew by somebody else', () => {
  const config = (changes: object) => (body: Body) => ({ ...body, ...changes });
  const host = (changes: object) => (body: Body) => ({
    ...body,
    HostConfig: { ...body.HostConfig, ...changes },
  });
  const healthcheck = (changes: object) => (body: Body) => ({
    ...body,
    Healthcheck: { ...(body['Healthcheck'] as object), ...changes },
  });
  const withoutNetworks = (mode: string) => (body: Body) => ({
    ...host({ NetworkMode: mode, PortBindings: {}, Sysctls: {}, Dns: [], DnsSearch: [], DnsOptions: [] })(
      body,
    ),
    Hostname: '',
    Domainname: '',
    NetworkingConfig: { EndpointsConfig: {} },
  });
  const mounts =
    (change: (mount: Record<string, unknown>) => object | undefined, target: string) => (body: Body) =>
      host({
        Mounts: (body.HostConfig['Mounts'] as Record<string, unknown>[]).flatMap((mount) =>
          mount['Target'] === target ? (change(mount) ?? []) : mount,
        ),
        Binds: ((body.HostConfig['Binds'] ?? []) as string[]).filter((bind) => bind.split(':')[1] !== target),
      })(body);

  const rows: [string, string, (body: Body) => object, string?][] = [
    ['command command[2]', 'another', config({ Cmd: ['sh', '-c', "trap 'exit 0' TERM; sleep 7200 & wait"] })],
    ['command entrypoint[0]', 'another', config({ Entrypoint: ['/bin/nice'] })],
    [
      'env environment.LEVEL',
      'another',
      (body) => ({ ...body, Env: body.Env.map((each) => each.replace('LEVEL=info', 'LEVEL=debug')) }),
    ],
    ['env environment.MORE', 'one more', (body) => ({ ...body, Env: [...body.Env, 'MORE=1'] })],
    [
      'env environment.KEEP',
      'one less',
      (body) => ({ ...body, Env: body.Env.filter((each) => each !== 'KEEP=1') }),
    ],
    [
      'env environment.WEB_VERSION',
      "the image's, laid over",
      (body) => ({ ...body, Env: [...body.Env, 'WEB_VERSION=9'] }),
    ],
    ['label labels.tier', 'another', (body) => ({ ...body, Labels: { ...body.Labels, tier: 'back' } })],
    ['label labels.mine', 'one more', (body) => ({ ...body, Labels: { ...body.Labels, mine: '1' } })],
    ['process user', 'another', config({ User: '1000' })],
    ['process working_dir', 'another', config({ WorkingDir: '/' })],
    ['process tty', 'on', config({ Tty: true })],
    ['process stdin_open', 'on', config({ OpenStdin: true })],
    ['process init', 'off', host({ Init: false })],
    ['process stop_signal', 'another', config({ StopSignal: 'SIGTERM' })],
    ['process stop_grace_period', 'another', config({ StopTimeout: 9 })],
    ['network hostname', 'another', config({ Hostname: 'dial' })],
    ['network domainname', 'another', config({ Domainname: 'example.net' })],
    [
      'health healthcheck.test[4]',
      'another',
      healthcheck({ Test: ['CMD', 'test', '!', '-e', '/scratch/x'] }),
    ],
    ['health healthcheck.interval', 'another', healthcheck({ Interval: 3_000_000_000 })],
    ['health healthcheck.retries', 'another', healthcheck({ Retries: 8 })],
    ['health healthcheck.test[0]', 'off', healthcheck({ Test: ['NONE'] })],
    ['isolation read_only', 'on', host({ ReadonlyRootfs: true })],
    ['isolation privileged', 'on', host({ Privileged: true })],
    ['isolation cap_add', 'one more', host({ CapAdd: ['CAP_NET_ADMIN', 'CAP_SYS_TIME'] })],
    ['isolation cap_drop', 'none', host({ CapDrop: null })],
    ['isolation security_opt', 'none', host({ SecurityOpt: null })],
    ['isolation group_add', 'another', host({ GroupAdd: ['1002'] })],
    ['isolation pid', "the host's", host({ PidMode: 'host' })],
    [
      'isolation uts',
      "the host's",
      (body) => ({ ...host({ UTSMode: 'host' })(body), Hostname: '', Domainname: '' }),
      'network hostname, network domainname',
    ],
    ['isolation sysctls.net.core.somaxconn', 'another', host({ Sysctls: { 'net.core.somaxconn': '2048' } })],
    ['device devices', 'none', host({ Devices: [] })],
    ['device device_cgroup_rules', 'another', host({ DeviceCgroupRules: ['c 1:5 mr'] })],
    ['resource ulimits', 'another', host({ Ulimits: [{ Name: 'nofile', Soft: 900, Hard: 2000 }] })],
    ['resource shm_size', 'another', host({ ShmSize: 8 * megabyte })],
    ['resource oom_score_adj', 'another', host({ OomScoreAdj: 200 })],
    ['resource mem_reservation', 'none', host({ MemoryReservation: 0 })],
    ['resource cpus', 'none', host({ NanoCpus: 0 })],
    [
      'logging logging.driver',
      'another',
      host({ LogConfig: { Type: 'local', Config: { 'max-size': '5m' } } }),
    ],
    [
      'logging logging.options.max-size',
      'another',
      host({ LogConfig: { Type: 'json-file', Config: { 'max-size': '6m' } } }),
    ],
    [
      'port ports',
      'another',
      host({ PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '28572' }] } }),
    ],
    [
      'port ports',
      'on every address',
      host({ PortBindings: { '8080/tcp': [{ HostIp: '', HostPort: '28571' }] } }),
    ],
    ['port ports', 'none', host({ PortBindings: {} })],
    ['port expose', 'one less', config({ ExposedPorts: { '8080/tcp': {} } })],
    [
      'mount volumes./data',
      'another volume',
      mounts((mount) => ({ ...mount, Source: `${docker.name('s')}_more` }), '/data'),
    ],
    ['mount volumes./host', 'writable', mounts((mount) => ({ ...mount, ReadOnly: false }), '/host')],
    ['mount volumes./host', 'another directory', mounts((mount) => ({ ...mount, Source: '/usr' }), '/host')],
    ['mount volumes./host', 'none', mounts(() => undefined, '/host')],
    [
      'mount volumes./scratch',
      'another size',
      mounts((mount) => ({ ...mount, TmpfsOptions: { SizeBytes: 2 * megabyte } }), '/scratch'),
    ],
    [
      'mount volumes./more',
      'one more',
      (body) => host({ Binds: [...((body.HostConfig['Binds'] ?? []) as string[]), '/usr:/more:ro'] })(body),
    ],
    ['network extra_hosts', 'another', host({ ExtraHosts: ['one:192.0.2.2'] })],
    ['network dns', 'another', host({ Dns: ['192.0.2.54'] })],
    ['network dns_search', 'none', host({ DnsSearch: [] })],
    ['network dns_opt', 'another', host({ DnsOptions: ['ndots:3'] })],
    [
      'network network_mode',
      'none',
      withoutNetworks('none'),
      'network hostname, network domainname, isolation sysctls.net.core.somaxconn, port ports, network dns, network dns_search, network dns_opt',
    ],
  ];

  it.for(rows)('%s: %s', async ([told, , change, besides = ''], { skip }) => {
    const changed = change(structuredClone(base)) as Body;
    try {
      await live.remake(web, changed);
    } catch (error) {
      await live.remake(web, base);
      // An engine in a container may not give what it does not have.
      if (told.includes('privileged') && /operation not permitted/.test(String(error))) {
        skip('NOT RUN: this engine may not start a privileged container');
      }
      throw error;
    }

    const all = [told, ...besides.split(', ').filter((each) => each !== '')].map((each) => `web ${each}`);
    try {
      expect((await tell()).toSorted()).toEqual(all.toSorted());
    } finally {
      await live.remake(web, base);
    }
    expect(await tell()).toEqual([]);
  });

  it('label annotations: another, to engines that know them', async ({ skip }) => {
    if (compareApiVersions(apiVersion, '1.43') < 0) skip(`NOT RUN: API ${apiVersion} knows none`);
    const declared = aStack({
      ...stack,
      services: stack.services.map((service) =>
        service.name === 'web'
          ? { ...service, spec: { ...service.spec, annotations: { note: 'hi' } } }
          : service,
      ),
    });
    await live.remake(web, host({ Annotations: { note: 'ho' } })(structuredClone(base)));

    const { differences } = await live.plan(declared);

    expect(differences.map(({ path }) => path)).toEqual(['annotations.note']);
    await live.remake(web, base);
  });
});

describe('is undone', () => {
  it('by a new container, where nothing else can: it proves itself first, and takes the name', async () => {
    await live.remake(web, { ...base, Env: [...base.Env, 'MORE=1'] });
    const meddled = (await docker.ask<{ Id: string }>(`/containers/${web}/json`)).Id;

    const plan = await live.apply(stack);

    expect(plan.differences).toEqual([]);
    const found = await docker.ask<{ Id: string; Config: { Env: string[] }; State: { Running: boolean } }>(
      `/containers/${web}/json`,
    );
    expect(found.Id).not.toBe(meddled);
    expect(found.State.Running).toBe(true);
    expect(found.Config.Env).not.toContain('MORE=1');
  });

  it('in place, where the engine can', async () => {
    const { Id } = await docker.ask<{ Id: string }>(`/containers/${web}/json`);
    await live.act('POST', `/containers/${web}/update`, {
      Memory: 96 * megabyte,
      MemorySwap: 300 * megabyte,
      CpuShares: 256,
      CpusetCpus: '0-1',
      PidsLimit: 60,
    });
    await live.act('POST', `/containers/${plain}/update`, {
      PidsLimit: 70,
      CpuPeriod: 50_000,
      CpuQuota: 10_000,
    });
    await live.act('POST', `/networks/${other}/connect`, { Container: web });

    console.log(JSON.stringify(await live.plan(stack), undefined, 1).slice(0, 6000));
    const plan = await live.apply(stack);

    // Another network takes nothing away, and somebody may need it.
    expect(plan.differences.map(({ path }) => path)).toEqual([`networks.extra.${other}`]);
    expect((await docker.ask<{ Id: string }>(`/containers/${web}/json`)).Id).toBe(Id);
    await live.act('POST', `/networks/${other}/disconnect`, { Container: web });
  });
});
