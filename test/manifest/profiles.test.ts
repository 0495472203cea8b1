import { describe, expect, it } from 'vitest';
import { formatProblems, loadOnlyApp } from '#test/support/manifest-input.ts';

const composeYaml = `
services:
  app: { image: app }
  debug: { image: debug, profiles: [debug], depends_on: [app] }
  tool: { image: tool, profiles: [tools, debug], environment: ["A=\${UNSET:?is not set}"] }
`;

function load(spec: string, compose = composeYaml) {
  return loadOnlyApp({
    'app.yaml': `apiVersion: shorefast/v1\nkind: App\nspec: ${spec}\n`,
    'compose.yaml': compose,
  });
}

async function servicesOf(spec: string, compose?: string): Promise<Record<string, string[]>> {
  const { stacks, problems } = await load(spec, compose);
  expect(formatProblems(problems)).toBe('');
  return Object.fromEntries(
    stacks.map(({ name, services }) => [name, services.map((service) => service.name).toSorted()]),
  );
}

async function problemsOf(spec: string, compose?: string): Promise<string> {
  const { stacks, problems } = await load(spec, compose);
  expect(stacks).toEqual([]);
  return formatProblems(problems);
}

describe('a service under profiles', () => {
  it('is part of the stack only when one of them is chosen; its variables matter always, as to Compose', async () => {
    expect(await servicesOf('{ variables: { UNSET: x } }')).toEqual({ web: ['app'] });
    expect(await servicesOf('{ profiles: [debug], variables: { UNSET: x } }')).toEqual({
      web: ['app', 'debug', 'tool'],
    });
    expect(await problemsOf('{}')).toContain('required variable UNSET is missing a value: is not set');
  });

  it('is part of a stage that chooses one, beside what the app chooses', async () => {
    const spec =
      '{ variables: { UNSET: x }, profiles: [tools], stages: { dev: { profiles: [debug] }, rel: {} } }';

    expect(await servicesOf(spec)).toEqual({
      'web-dev': ['app', 'debug', 'tool'],
      'web-rel': ['app', 'tool'],
    });
  });

  it('can be depended on by an active one only where that is not required', async () => {
    const compose = (dependency: string) =>
      `services:\n  a: { image: a, depends_on: ${dependency} }\n  b: { image: b, profiles: [p] }`;
    const optional = compose('{ b: { condition: service_started, required: false } }');

    expect(await problemsOf('{}', compose('[b]'))).toBe(
      'error apps/web/compose.yaml:2:31: services.a.depends_on[0]: service "a" depends on undefined service "b": ' +
        'its profiles are not chosen (choose p, or say required: false)',
    );
    expect(await servicesOf('{}', optional)).toEqual({ web: ['a'] });
  });

  it('leaves no empty stack, which would remove all that runs', async () => {
    const compose = 'services: { a: { image: a, profiles: [p] } }';

    expect(await problemsOf('{}', compose)).toContain('every service is under a profile that is not chosen');
    expect(await servicesOf('{ profiles: [p] }', compose)).toEqual({ web: ['a'] });
  });
});

it('a profile that no service is under is refused, with the nearest one', async () => {
  expect(await problemsOf('{ profiles: [tool], variables: { UNSET: x } }')).toBe(
    'error apps/web/app.yaml:3:20: spec.profiles[0]: no service is under the profile "tool" (did you mean "tools"?)',
  );
});

it('the shorthand has no service to choose', async () => {
  const { problems } = await loadOnlyApp({
    'app.yaml': 'apiVersion: shorefast/v1\nkind: App\nspec: { image: x, profiles: [p] }\n',
  });

  expect(formatProblems(problems)).toContain('no service is under the profile "p"');
});
