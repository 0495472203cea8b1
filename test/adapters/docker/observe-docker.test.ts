import { describe, expect, it } from 'vitest';
import { toContainer, toImage } from '#adapters/docker/observe-docker.ts';
import { toEvent } from '#adapters/docker/watch-events.ts';
import { parseRows } from '#adapters/docker/wire.ts';

describe('a row of the container list', () => {
  it.each([
    ['running', 'Up 3 minutes (healthy)', { state: 'running', health: 'healthy' }],
    ['running', 'Up 1 second (health: starting)', { state: 'running', health: 'starting' }],
    ['running', 'Up About an hour (unhealthy)', { state: 'running', health: 'unhealthy' }],
    ['running', 'Up 3 minutes', { state: 'running' }],
    ['paused', 'Up 3 minutes (Paused)', { state: 'paused' }],
    ['exited', 'Exited (137) 2 hours ago', { state: 'exited', exitCode: 137 }],
    ['restarting', 'Restarting (1) 5 seconds ago', { state: 'restarting', exitCode: 1 }],
    ['created', 'Created', { state: 'created' }],
    ['dead', 'Dead', { state: 'dead' }],
  ])('%s, "%s"', (State, Status, expected) => {
    const { state, health, exitCode } = toContainer({ Id: 'a', State, Status });

    expect({ state, health, exitCode }).toEqual({ health: undefined, exitCode: undefined, ...expected });
  });

  it('tells a port that is open on every address once', () => {
    const Ports = [
      { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { IP: '127.0.0.1', PrivatePort: 53, PublicPort: 53, Type: 'udp' },
      { PrivatePort: 443, Type: 'tcp' },
    ];

    expect(toContainer({ Id: 'a', State: 'running', Ports }).publishedPorts).toEqual([
      { hostIp: '', hostPort: 8080, protocol: 'tcp', containerPort: 80 },
      { hostIp: '127.0.0.1', hostPort: 53, protocol: 'udp', containerPort: 53 },
    ]);
  });

  it('has its own name, not that of a link to it', () => {
    expect(toContainer({ Id: 'a', Names: ['/other/alias', '/web'] }).name).toBe('web');
  });
});

describe('a row of the image list', () => {
  const [id, digest] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];

  it('tells its tags and digests', () => {
    const RepoTags = ['web:1', 'registry.example:5000/web:1'];

    expect(toImage({ Id: id, RepoTags, RepoDigests: [`web@${digest}`] })).toEqual({
      id,
      tags: RepoTags,
      digests: [`web@${digest}`],
    });
  });

  it('without a name has none, in the words of old engines too', () => {
    const none = { id, tags: [], digests: [] };

    expect(toImage({ Id: id, RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] })).toEqual(none);
    expect(toImage({ Id: id, RepoTags: null, RepoDigests: [] })).toEqual(none);
  });

  // As Engine 28 answers with the image store of containerd.
  it('has a digest for each of its names where the id is the digest', () => {
    const RepoTags = ['registry.example:5000/web:1', 'web:1', `other@${id}`];

    const image = toImage({ Id: id, RepoTags, RepoDigests: [`web@${id}`] });

    expect(image.tags).toEqual(['registry.example:5000/web:1', 'web:1']);
    expect(image.digests.toSorted()).toEqual([`other@${id}`, `registry.example:5000/web@${id}`, `web@${id}`]);
  });
});

it.each([null, {}, 'x', [null], [{ Name: 'no id' }]])(
  '%j is not taken for a list of containers',
  (answer) => {
    expect(() => parseRows<{ Id: string }>('containers', answer, 'Id')).toThrow(/not a list of containers/);
  },
);

it('an event names its container, wherever the engine puts it', () => {
  const attributes = { 'shorefast.stack': 'clock', 'com.docker.compose.project': 'clock', exitCode: '3' };

  expect(toEvent({ Type: 'container', Action: 'die', Actor: { ID: 'c1', Attributes: attributes } })).toEqual({
    type: 'container',
    action: 'die',
    containerId: 'c1',
    exitCode: 3,
    stack: 'clock',
    project: 'clock',
  });
  expect(
    toEvent({ Type: 'network', Action: 'connect', Actor: { ID: 'n1', Attributes: { container: 'c1' } } }),
  ).toEqual({ type: 'network', action: 'connect', containerId: 'c1' });
  expect(toEvent({ Type: 'container', Action: 'exec_start: sh', Actor: { ID: 'c1' } })).toBeUndefined();
});
