// Every field of a container, in one that somebody made in its place with the same labels: exactly that field is told,
// with its kind; with the container as it was, nothing is.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareApiVersions } from '#domain/api-version.ts';
import { aStack } from '#test/support/builders.ts';
import { type FieldScene, megabyte, openFieldScene } from './field-scene.ts';
import type { Body } from './live-stack.ts';

let scene: FieldScene;
let base: Body;

beforeAll(async () => {
  scene = await openFieldScene();
  base = await scene.live.describe(scene.web);
}, 120_000);

afterAll(() => scene.close());

/** Every third row of the table, unless all are asked for. */
const chosen = new Map<string, boolean>();
function isChosen(told: string): boolean {
  if (process.env['SHOREFAST_TEST_ALL_CASES'] === '1') return true;
  if (!chosen.has(told)) chosen.set(told, chosen.size % 3 === 0);
  return chosen.get(told) === true;
}

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
    [
      'isolation security_opt',
      'one more',
      host({ SecurityOpt: ['no-new-privileges:true', 'seccomp=unconfined'] }),
    ],
    ['isolation sysctls.net.core.somaxconn', 'none', host({ Sysctls: null })],
    [
      'isolation sysctls.net.ipv4.ip_forward',
      'one more',
      host({ Sysctls: { 'net.core.somaxconn': '1024', 'net.ipv4.ip_forward': '1' } }),
    ],
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
      mounts((mount) => ({ ...mount, Source: scene.volume }), '/data'),
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
    skip(!isChosen(told), 'NOT RUN: in longer runs (SHOREFAST_TEST_ALL_CASES=1)');
    const changed = change(structuredClone(base)) as Body;
    try {
      await scene.live.remake(scene.web, changed);
    } catch (error) {
      await scene.live.remake(scene.web, base);
      // An engine in a container may not give what it does not have.
      if (told.includes('privileged') && /operation not permitted/.test(String(error))) {
        skip('NOT RUN: this engine may not start a privileged container');
      }
      throw error;
    }

    const all = [told, ...besides.split(', ').filter((each) => each !== '')].map((each) => `web ${each}`);
    try {
      expect((await scene.tell()).toSorted()).toEqual(all.toSorted());
    } finally {
      await scene.live.remake(scene.web, base);
    }
    expect(await scene.tell()).toEqual([]);
  });

  it('label annotations: another, to engines that know them', async ({ skip }) => {
    if (compareApiVersions(scene.apiVersion, '1.43') < 0) skip(`NOT RUN: API ${scene.apiVersion} knows none`);
    const declared = aStack({
      ...scene.stack,
      services: scene.stack.services.map((service) =>
        service.name === 'web'
          ? { ...service, spec: { ...service.spec, annotations: { note: 'hi' } } }
          : service,
      ),
    });
    await scene.live.remake(scene.web, host({ Annotations: { note: 'ho' } })(structuredClone(base)));

    const { differences } = await scene.live.plan(declared);

    expect(differences.map(({ path }) => path)).toEqual(['annotations.note']);
    await scene.live.remake(scene.web, base);
  });
});
