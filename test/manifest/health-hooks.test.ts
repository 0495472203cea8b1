import { describe, expect, it } from 'vitest';
import { formatProblems, loadOnlyApp, loadOnlyStack, loadState } from '#test/support/manifest-input.ts';

const appYaml = (spec: string) => `apiVersion: shorefast/v1\nkind: App\nspec: ${spec}\n`;
const shorthand = (more: string) => appYaml(`{ image: "web:1", port: 3000, ${more} }`);
const services = 'services: { web: { image: "web:1", expose: ["80", "81"] }, db: { image: "db:1" } }';

async function problemsOf(app: string, more: Record<string, string> = {}): Promise<string> {
  return formatProblems((await loadOnlyApp({ 'app.yaml': app, ...more })).problems);
}

describe('health', () => {
  it('of the shorthand is that of its service, on the port of the app', async () => {
    const { services: found } = await loadOnlyStack({
      'app.yaml': shorthand('health: { http: { path: /api/health }, interval: 2s, deadline: 1m }'),
    });

    expect(found).toMatchObject([
      {
        readyDeadlineMs: 60_000,
        probe: {
          intervalMs: 2000,
          timeoutMs: 5000,
          check: {
            kind: 'http',
            scheme: 'http',
            port: 3000,
            path: '/api/health',
            status: [{ from: 200, to: 399 }],
            followRedirects: false,
          },
        },
      },
    ]);
  });

  it('is no part of the container: with another one, the generation is the same and the stack is not', async () => {
    const plain = await loadOnlyStack({ 'app.yaml': shorthand('') });
    const checked = await loadOnlyStack({ 'app.yaml': shorthand('health: { tcp: {} }') });
    const slower = await loadOnlyStack({ 'app.yaml': shorthand('health: { tcp: {}, deadline: 9m }') });

    expect(checked.services[0]?.generation).toBe(plain.services[0]?.generation);
    expect(new Set([plain, checked, slower].map(({ contentHash }) => contentHash)).size).toBe(3);
  });

  it('beside services, or a Compose file, stands by service', async () => {
    const inline = await loadOnlyStack({
      'app.yaml': appYaml(`{ ${services}, health: { db: { exec: { command: pg_isready } } } }`),
    });
    const beside = await loadOnlyStack({
      'app.yaml': appYaml('{ health: { web: { tcp: { port: 80 } } } }'),
      'compose.yaml': 'services: { web: { image: "web:1" } }\n',
    });

    expect(inline.services.map(({ name, probe }) => [name, probe?.check])).toEqual([
      ['db', { kind: 'exec', command: ['/bin/sh', '-c', 'pg_isready'] }],
      ['web', undefined],
    ]);
    expect(beside.services[0]?.probe?.check).toEqual({ kind: 'tcp', port: 80 });
  });

  it('takes variables, and the times of the fleet', async () => {
    const stack = await loadOnlyStack({
      'fleet.yaml':
        'apiVersion: shorefast/v1\nkind: Fleet\nspec: { variables: { PW: hunter2 }, defaults: { health: { interval: 7s } } }\n',
      'app.yaml': shorthand('health: { mqtt: { topic: "a/#", username: me, password: "${PW}" } }'),
    });

    expect(stack.services[0]?.probe).toMatchObject({
      intervalMs: 7000,
      check: { kind: 'mqtt', port: 1883, topic: 'a/#', username: 'me', password: 'hunter2' },
    });
  });

  it.each([
    ['no check at all', shorthand('health: { interval: 1s }'), 'spec.health: expected one of docker, http'],
    ['two checks', shorthand('health: { tcp: {}, http: {} }'), 'spec.health: expected one of docker, http'],
    ['a port that nobody named', appYaml(`{ ${services}, health: { web: { http: {} } } }`), 'which port?'],
    [
      'an unknown service',
      appYaml(`{ ${services}, health: { wbe: { tcp: {} } } }`),
      'there is no service "wbe"',
    ],
    [
      'a strange status',
      shorthand('health: { http: { status: 2xx } }'),
      'spec.health.http: expected a status',
    ],
    [
      'a misspelt field',
      shorthand('health: { http: { pth: /x } }'),
      'spec.health.http.pth: unknown field "pth"',
    ],
    ['a deadline of nothing', shorthand('health: { tcp: {}, deadline: 0s }'), 'expected a duration above 0'],
    ['a job', shorthand('restart: "no", health: { tcp: {} }'), '"web" is a job'],
  ])('tells %s at its place', async (_, app, message) => {
    expect(await problemsOf(app)).toMatch(new RegExp(`app\\.yaml:\\d+:\\d+: .*${escape(message)}`));
  });
});

describe('hooks', () => {
  it('run in the place of a service, without what only one that serves needs', async () => {
    const stack = await loadOnlyStack({
      'app.yaml': shorthand(
        'environment: { A: "1" }, labels: { proxy: "on" }, ports: ["80:3000"], volumes: ["data:/data"], ' +
          'hooks: { preDeploy: { command: [migrate, up], env: { B: 2 }, deadline: 90s } }',
      ),
    });

    expect(stack.hooks).toMatchObject([
      {
        kind: 'pre-deploy',
        service: 'web',
        run: {
          containerNames: ['web-pre-deploy'],
          readyDeadlineMs: 90_000,
          spec: {
            image: 'web:1',
            command: ['migrate', 'up'],
            environment: { A: '1', B: '2' },
            ports: [],
            labels: {},
            expose: [],
            restart: { name: 'no' },
            mounts: [{ kind: 'volume', name: 'web_data', target: '/data' }],
            networks: [{ network: 'web_default', aliases: [] }],
          },
        },
      },
    ]);
  });

  it('are run again for every other version of the stack, and not for other reasons', async () => {
    const generationOf = async (more: string, image = 'web:1') => {
      const app = appYaml(`{ image: "${image}", hooks: { postDeploy: { command: warm-up } }, ${more} }`);
      return (await loadOnlyStack({ 'app.yaml': app })).hooks?.[0]?.run.generation;
    };
    const first = await generationOf('');

    expect(await generationOf('', 'web:2')).not.toBe(first);
    expect(await generationOf('environment: { A: "1" }')).not.toBe(first);
    expect(await generationOf('rollout: { drain: 1s }')).toBe(first);
  });

  it('keep to the policy of the host', async () => {
    const problems = await problemsOf(
      shorthand('privileged: true, hooks: { preDeploy: { command: migrate } }'),
    );

    expect(problems).toContain('privileged containers are not allowed');
  });

  it.each([
    ['no service named', appYaml(`{ ${services}, hooks: { preDeploy: { command: x } } }`), 'whose place'],
    ['no command', shorthand('hooks: { preDeploy: {} }'), 'command'],
    [
      'a bad image',
      shorthand('hooks: { preDeploy: { command: x, image: "A B" } }'),
      'not an image reference',
    ],
  ])('tell %s at its place', async (_, app, message) => {
    expect(await problemsOf(app)).toMatch(new RegExp(`app\\.yaml:\\d+:\\d+: .*${escape(message)}`));
  });
});

describe('dependsOn', () => {
  const app = (more: string) => appYaml(`{ image: "web:1", ${more} }`);

  it('is carried by every stack', async () => {
    const { apps } = await loadState({ 'a/app.yaml': app('dependsOn: [b]'), 'b/app.yaml': app('') });

    expect(
      apps.flatMap(({ stacks }) => stacks.map(({ name, dependsOnApps }) => [name, dependsOnApps])),
    ).toEqual([
      ['a', ['b']],
      ['b', undefined],
    ]);
  });

  it.each([
    ['an unknown app', { 'a/app.yaml': app('dependsOn: [c]') }, 'there is no app "c"'],
    ['itself', { 'a/app.yaml': app('dependsOn: [a]') }, 'wait for each other: a → a'],
    [
      'a circle',
      {
        'a/app.yaml': app('dependsOn: [b]'),
        'b/app.yaml': app('dependsOn: [c]'),
        'c/app.yaml': app('dependsOn: [a]'),
      },
      'wait for each other: a → b → c → a',
    ],
    [
      'a stage that the other has not',
      { 'a/app.yaml': app('dependsOn: [b], stages: { x: {} }'), 'b/app.yaml': app('stages: { y: {} }') },
      'app "b" has no stage "x"',
    ],
    [
      'several stages and none of its own',
      { 'a/app.yaml': app('dependsOn: [b]'), 'b/app.yaml': app('stages: { x: {}, y: {} }') },
      'several stages (x, y)',
    ],
  ])('on %s is told at its place', async (_, files, message) => {
    const { apps } = await loadState(files);
    const [first] = apps;

    expect(first?.stacks).toEqual([]);
    expect(formatProblems(first?.problems ?? [])).toMatch(
      new RegExp(`a/app\\.yaml:\\d+:\\d+: spec\\.dependsOn\\[0\\]: .*${escape(message)}`),
    );
  });

  it('on an app that cannot be read is no further problem', async () => {
    const { apps } = await loadState({
      'a/app.yaml': app('dependsOn: [b]'),
      'b/app.yaml': app('nonsense: 1'),
    });

    expect(apps.map(({ name, stacks }) => [name, stacks.length])).toEqual([
      ['a', 1],
      ['b', 0],
    ]);
  });
});

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
