import { expect, it } from 'vitest';
import type { Problem } from '#domain/problem.ts';
import { run } from './cli-fixture.ts';

const apps = [
  { name: 'web', stacks: ['web-dev', 'web-prod'] },
  { name: 'bad', stacks: [] },
];
const problem: Problem = {
  severity: 'error',
  file: 'apps/bad/app.yaml',
  line: 3,
  column: 5,
  path: 'spec.prot',
  message: 'unknown field',
  hint: 'did you mean "port"?',
  excerpt: '    prot: 80',
};

it('a problem is told with its place and the line it is about', async () => {
  const result = await run('validate state', { validate: async () => ({ problems: [problem], apps }) });

  expect(result).toEqual({
    exitCode: 1,
    out: [
      'error: apps/bad/app.yaml:3:5: spec.prot: unknown field (did you mean "port"?)',
      '3 |     prot: 80',
      '  |     ^',
      '',
    ].join('\n'),
    err: '✗ 2 apps with 2 stacks can be read; 1 error, 0 warnings\n',
  });
});

it('a warning alone is no failure', async () => {
  const warning: Problem = { ...problem, severity: 'warning' };

  const { exitCode, out } = await run('validate', {
    validate: async () => ({ problems: [warning], apps }),
  });

  expect(exitCode).toBe(0);
  expect(out).toContain('warning: apps/bad/app.yaml:3:5');
});

it('nothing wrong is nothing on standard output', async () => {
  const { exitCode, out, err } = await run('validate', { validate: async () => ({ problems: [], apps }) });

  expect({ exitCode, out }).toEqual({ exitCode: 0, out: '' });
  expect(err).toContain('✔ 2 apps with 2 stacks');
});

it('checks the current directory unless told otherwise', async () => {
  const paths: string[] = [];
  const validate = async (path: string) => {
    paths.push(path);
    return { problems: [], apps: [] };
  };

  await run('validate', { validate });
  await run('validate some/where', { validate });

  expect(paths).toEqual(['.', 'some/where']);
});

it('text of a state repo cannot steer the terminal', async () => {
  const evil = { ...problem, message: 'x\u001B]0;title\u0007', excerpt: '\u001B[2J\u202Eevil' };

  const { out, err } = await run('validate', { validate: async () => ({ problems: [evil], apps }) });

  for (const character of ['\u001B', '\u0007', '\u202E']) expect(out + err).not.toContain(character);
});

it('is JSON with everything in it', async () => {
  const { out } = await run('validate -o json', { validate: async () => ({ problems: [problem], apps }) });

  expect(JSON.parse(out)).toEqual({ problems: [problem], apps });
});
