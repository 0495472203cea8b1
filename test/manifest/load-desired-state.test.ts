import { describe, expect, it } from 'vitest';
import { hasErrors } from '#domain/problem.ts';
import { loadDesiredState } from '#manifest/load-desired-state.ts';
import { createManifestCache } from '#manifest/manifest-cache.ts';
import {
  formatProblems,
  loadFiles,
  loadOnlyApp,
  loadOnlyStack,
  loadState,
  strictPolicy,
} from '#test/support/manifest-input.ts';
import { memoryTree } from '#test/support/memory-tree.ts';

const compose = (image = 'nginx:1') => `services: { web: { image: "${image}" } }`;
const appYaml = (spec: string) => `apiVersion: shorefast/v1\nkind: App\nspec:\n${spec.replace(/^/gm, '  ')}`;
const fleetYaml = (spec: string) => `apiVersion: shorefast/v1\nkind: Fleet\nspec: ${spec}`;

describe('the state repo as a whole', () => {
  it('an empty repo is invalid, never "nothing desired"', async () => {
    expect((await loadFiles({})).kind).toBe('invalid');
    expect((await loadFiles({ 'README.md': 'hello' })).kind).toBe('invalid');
    expect((await loadFiles({ 'fleet.yaml': fleetYaml('{}') })).kind).toBe('invalid');
  });

  it('an empty repo is meant when the fleet says so', async () => {
    const state = await loadState({ 'fleet.yaml': fleetYaml('{ allowEmpty: true }') });
    expect(state).toEqual({ fleet: { allowEmpty: true }, apps: [] });
  });

  it('a broken fleet.yaml makes the whole repo invalid, with its place', async () => {
    const result = await loadFiles({
      'fleet.yaml': fleetYaml('{ netwrok: x }'),
      'apps/a/compose.yaml': compose(),
    });
    expect(result.kind === 'invalid' && formatProblems(result.problems)).toBe(
      'error fleet.yaml:3:9: spec.netwrok: unknown field "netwrok" (did you mean "network"?)',
    );
  });

  it('apps are found at any depth, not inside other apps, and not in hidden directories', async () => {
    const { apps } = await loadState({
      'a/compose.yaml': compose(),
      'teams/x/b/docker-compose.yml': compose(),
      'a/sub/compose.yaml': compose(),
      '.github/compose.yaml': compose(),
    });
    expect(apps.map(({ directory }) => directory)).toEqual(['a', 'teams/x/b']);
  });

  it('two apps of one name both get a problem, and others are untouched', async () => {
    const { apps } = await loadState({
      'x/web/compose.yaml': compose(),
      'y/web/compose.yaml': compose(),
      'z/compose.yaml': compose(),
    });
    expect(
      apps.map(({ directory, stacks, problems }) => [directory, stacks.length, hasErrors(problems)]),
    ).toEqual([
      ['x/web', 0, true],
      ['y/web', 0, true],
      ['z', 1, false],
    ]);
  });

  it('two stacks of one name both get a problem', async () => {
    const { apps } = await loadState({
      'a/app.yaml': appYaml('image: nginx\nstages: { dev: { tag: "1" } }'),
      'a-dev/compose.yaml': compose(),
    });
    expect(apps.map(({ problems }) => problems[0]?.message)).toEqual([
      'the stack "a-dev" is declared twice: a-dev has it too',
      'the stack "a-dev" is declared twice: a has it too',
    ]);
  });

  it('too many apps make the repo invalid', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 1001 }, (_, index) => [`a${index}/compose.yaml`, compose()]),
    );
    expect((await loadFiles(files)).kind).toBe('invalid');
  });
});

describe('an app', () => {
  it('may be shorthand, inline services, or a Compose file, but only one of them', async () => {
    const both = await loadOnlyApp({ 'app.yaml': appYaml('image: nginx'), 'compose.yaml': compose() });
    const none = await loadOnlyApp({ 'app.yaml': appYaml('drift: warn') });
    const mixed = await loadOnlyApp({ 'app.yaml': appYaml('services: { a: { image: x } }\nport: 80') });
    const inline = await loadOnlyStack({
      'app.yaml': appYaml('services: { a: { image: x, volumes: ["data:/d"] } }\nvolumes: { data: {} }'),
    });

    expect(formatProblems(both.problems)).toBe(
      'error apps/web/app.yaml:4:10: spec.image: compose.yaml says already what runs (say it in one place)',
    );
    expect(formatProblems(none.problems)).toContain('nothing here says what runs');
    expect(formatProblems(mixed.problems)).toContain(
      'app.yaml:5:9: spec.port: "port" is an attribute of a service',
    );
    expect(inline.volumes.map(({ name }) => name)).toEqual(['web_data']);
  });

  it('shorthand with a port joins the fleet network beside its own', async () => {
    const stack = await loadOnlyStack({
      'fleet.yaml': fleetYaml('{ network: edge }'),
      'app.yaml': appYaml('image: nginx:1\nport: 3000\nvolumes: ["data:/data"]'),
    });
    expect(stack.networks.map(({ name, shared }) => [name, shared])).toEqual([
      ['web_default', false],
      ['edge', true],
    ]);
    expect(stack.services[0]?.spec).toMatchObject({
      expose: ['3000'],
      networks: [{ network: 'web_default' }, { network: 'edge' }],
      mounts: [{ kind: 'volume', name: 'web_data' }],
    });
  });

  it('variables win in order: .env, fleet, app, stage, TAG and STAGE', async () => {
    const app = await loadOnlyApp({
      'fleet.yaml': fleetYaml('{ variables: { B: fleet, C: fleet, D: fleet } }'),
      '.env': 'A=env\nB=env\nC=env\nD=env\nTAG=env\nSTAGE=env',
      'app.yaml': appYaml(
        'image: nginx\nvariables: { C: app, D: app }\nlabels: { all: "$A $B $C $D $TAG $STAGE" }\nstages: { dev: { tag: "7", variables: { D: stage } }, off: { active: false } }',
      ),
    });
    expect(app.stacks.map(({ name, active }) => [name, active])).toEqual([
      ['web-dev', undefined],
      ['web-off', false],
    ]);
    expect(app.stacks[0]?.services[0]?.spec).toMatchObject({
      image: 'nginx:7',
      labels: { all: 'env fleet app stage 7 dev' },
    });
  });

  it('what is inactive is declared, and runs nothing; a stage may say otherwise than its app', async () => {
    const app = await loadOnlyApp({
      'app.yaml': appYaml('image: nginx\nactive: false\nstages: { dev: { active: true }, prod: {} }'),
    });
    expect(app.stacks.map(({ name, active, services }) => [name, active, services.length])).toEqual([
      ['web-dev', undefined, 1],
      ['web-prod', false, 0],
    ]);
    expect(app.problems).toEqual([]);
  });

  it("the daemon's own environment is not visible", async () => {
    const app = await loadOnlyApp({ 'compose.yaml': 'services: { a: { image: x, hostname: "h${PATH}" } }' });
    expect(app.stacks[0]?.services[0]?.spec.hostname).toBe('h');
    expect(formatProblems(app.problems)).toContain(
      'warning apps/web/compose.yaml:1:38: services.a.hostname: the "PATH" variable is not set',
    );
  });

  it('rollout and drift come from the app, then the fleet, then the defaults', async () => {
    const byDefault = await loadOnlyStack({ 'compose.yaml': compose() });
    const byApp = await loadOnlyStack({
      'fleet.yaml': fleetYaml('{ defaults: { drift: warn, rollout: { minReady: 5s } } }'),
      'app.yaml': appYaml('image: x\nrollout: { deadline: 1m }'),
    });
    expect(byDefault).toMatchObject({
      drift: 'heal',
      services: [{ minReadyMs: 1000, readyDeadlineMs: 300_000 }],
    });
    expect(byApp).toMatchObject({ drift: 'warn', services: [{ minReadyMs: 5000, readyDeadlineMs: 60_000 }] });
  });

  it('what of drift is ignored adds up over fleet, app and stage; the nearest mode counts', async () => {
    const app = await loadOnlyApp({
      'fleet.yaml': fleetYaml('{ defaults: { drift: { mode: warn, ignore: [labels.traefik.*] } } }'),
      'app.yaml': appYaml(
        'image: x\ndrift: { ignore: [networks.extra] }\nstages: { a: { drift: { mode: off, ignore: [mem_limit] } }, b: { drift: heal } }',
      ),
    });

    expect(app.stacks.map(({ drift, driftIgnore }) => ({ drift, driftIgnore }))).toEqual([
      { drift: 'off', driftIgnore: ['labels.traefik.*', 'mem_limit', 'networks.extra'] },
      { drift: 'heal', driftIgnore: ['labels.traefik.*', 'networks.extra'] },
    ]);
    const [a, b] = app.stacks;
    expect(a?.contentHash).not.toBe(b?.contentHash);
  });

  it.each([
    ['drift: sometimes', 'heal, warn, off'],
    ['drift: { mode: sometimes }', 'heal, warn, off'],
    ['drift: { ignored: [x] }', 'ignored'],
    ['drift: { ignore: ["a b"] }', 'the path of a difference'],
  ])('%s is told with what is expected', async (text, expected) => {
    const app = await loadOnlyApp({ 'app.yaml': appYaml(`image: x\n${text}`) });

    expect(formatProblems(app.problems)).toContain(expected);
    expect(app.stacks).toEqual([]);
  });

  it('services stand after those they depend on, and jobs are known', async () => {
    const stack = await loadOnlyStack({
      'compose.yaml': `services:
  a: { image: x, depends_on: { migrate: { condition: service_completed_successfully } } }
  migrate: { image: x, depends_on: { z: { condition: service_healthy } } }
  once: { image: x, restart: "no" }
  side: { image: x, network_mode: "service:z" }
  z: { image: x }`,
    });
    expect(stack.services.map(({ name, isJob }) => `${name}${isJob ? ' job' : ''}`)).toEqual([
      'once job',
      'z',
      'migrate job',
      'a',
      'side',
    ]);
    expect(stack.services.find(({ name }) => name === 'side')?.dependsOn).toEqual([
      { service: 'z', condition: 'started', required: true, restart: true },
    ]);
  });

  it('several problems are told at once, each with its place', async () => {
    const app = await loadOnlyApp({
      'compose.yaml': `services:
  web:
    image: nginx
    prots: ["80:80"]
    user: 1000
  db: { image: 5 }
`,
    });
    expect(formatProblems(app.problems)).toBe(
      [
        'error apps/web/compose.yaml:4:5: services.web.prots: unknown field "prots" (did you mean "ports"?)',
        'error apps/web/compose.yaml:5:11: services.web.user: expected text, found 1000 (put it in quotes)',
        'error apps/web/compose.yaml:6:16: services.db.image: expected text, found 5 (put it in quotes)',
      ].join('\n'),
    );
    expect(app.problems[0]?.excerpt).toBe('    prots: ["80:80"]');
    expect(app.stacks).toEqual([]);
  });
});

describe('the policy of the host', () => {
  it.each([
    ['privileged: true', 'policy.allowPrivileged'],
    ['network_mode: host', 'policy.allowHostNetwork'],
    ['cap_add: [net_admin]', 'policy.allowedCapabilities'],
    ['volumes: ["/etc:/x"]', 'policy.allowedBindPaths'],
    ['volumes: ["/srv/ok/../../etc:/x"]', 'policy.allowedBindPaths'],
    ['volumes: ["/srv/okay:/x"]', 'policy.allowedBindPaths'],
  ])('%s is refused with the setting to change', async (attribute, setting) => {
    const policy = { ...strictPolicy, allowedBindPaths: ['/srv/ok'] };
    const app = await loadOnlyApp({ 'compose.yaml': `services: { a: { image: x, ${attribute} } }` }, policy);
    expect(app.stacks).toEqual([]);
    expect(formatProblems(app.problems)).toContain(setting);
  });

  it.each(['./data:/x', '../data:/x', '~/data:/x', '.:/x'])(
    'the relative mount %s is refused',
    async (mount) => {
      const app = await loadOnlyApp({
        'compose.yaml': `services: { a: { image: x, volumes: ["${mount}"] } }`,
      });
      expect(formatProblems(app.problems)).toMatch(/use a named volume, .*an absolute path of the host/);
    },
  );
});

describe('hashes', () => {
  it('follow what is declared, not how it is written', async () => {
    const one = await loadOnlyStack({
      'compose.yaml': 'services: { a: { image: x, environment: { A: 1, B: 2 } } }',
    });
    const two = await loadOnlyStack({
      'compose.yaml': '# note\nservices:\n  a:\n    environment: ["B=2", "A=1"]\n    image: x:latest',
    });
    const three = await loadOnlyStack({
      'compose.yaml': 'services: { a: { image: x, environment: { A: 1, B: 3 } } }',
    });

    expect(two).toEqual(one);
    expect(three.contentHash).not.toBe(one.contentHash);
    expect(three.services[0]?.generation).not.toBe(one.services[0]?.generation);
    expect(one.services[0]?.specHash).toMatch(/^v1:[0-9a-f]{64}$/);
    expect(one.services[0]?.specHash).toContain(one.services[0]?.generation);
  });

  it('of the spec do not depend on delivery', async () => {
    const one = await loadOnlyStack({ 'compose.yaml': 'services: { a: { image: x } }' });
    const two = await loadOnlyStack({
      'compose.yaml': 'services: { a: { image: x, scale: 2, pull_policy: always } }',
    });
    expect(two.services[0]?.generation).toBe(one.services[0]?.generation);
    expect(two.contentHash).not.toBe(one.contentHash);
  });
});

describe('the cache', () => {
  it('reads again only the app whose directory changed, and all when fleet or policy changed', async () => {
    const cache = createManifestCache();
    const load = async (files: Record<string, string>, policy = strictPolicy) => {
      const tree = memoryTree(files);
      const result = await loadDesiredState({ tree, policy, cache });
      return { reads: tree.reads, result };
    };
    const files = { 'fleet.yaml': fleetYaml('{}'), 'a/compose.yaml': compose(), 'b/compose.yaml': compose() };

    const first = await load(files);
    const again = await load({ ...files, 'README.md': 'unrelated' });
    const changed = await load({ ...files, 'b/compose.yaml': compose('nginx:2') });
    const policy = await load(files, { ...strictPolicy, allowPrivileged: true });
    const fleet = await load({ ...files, 'fleet.yaml': fleetYaml('{ network: x }') });

    expect(first.reads).toContain('a/compose.yaml');
    expect(again.reads).toEqual([]);
    expect(again.result).toEqual(first.result);
    expect(changed.reads).toEqual(['b/compose.yaml']);
    expect(policy.reads).toEqual(['a/compose.yaml', 'b/compose.yaml']);
    expect(fleet.reads).toEqual(['fleet.yaml', 'a/compose.yaml', 'b/compose.yaml']);
  });
});
