import { describe, expect, it } from 'vitest';
import { toCreateRequest } from '#adapters/docker/container-config.ts';
import type { Mount } from '#domain/container-spec.ts';
import { buildAttachment, buildContainer } from './build-container.ts';

// What recorded cases show is in test/manifest/compose-requests.test.ts.
describe('what no recorded case shows', () => {
  const mac = buildAttachment('front', { macAddress: '02:42:ac:11:00:aa', ipv4Address: '10.1.0.2' });
  const two = buildContainer('web', {}, { attachments: [mac, buildAttachment('back')] });

  it("before API 1.44 only the first network is given, and the MAC address is the container's", () => {
    const { body } = toCreateRequest(two, '1.43');

    expect(body['MacAddress']).toBe('02:42:ac:11:00:aa');
    expect(body['NetworkingConfig']).toEqual({
      EndpointsConfig: {
        front: { Aliases: [], IPAddress: '10.1.0.2', IPAMConfig: { IPv4Address: '10.1.0.2' } },
      },
    });
  });

  it('from API 1.44 on every network is given, each with its MAC address', () => {
    const { body } = toCreateRequest(two, '1.44');

    expect(body['MacAddress']).toBeUndefined();
    expect(body['NetworkingConfig']).toMatchObject({
      EndpointsConfig: { front: { MacAddress: '02:42:ac:11:00:aa' }, back: { Aliases: [] } },
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
