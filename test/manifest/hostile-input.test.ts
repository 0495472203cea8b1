import { expect, it } from 'vitest';
import { cpuTimeMs } from '#test/support/cpu-time.ts';
import { formatProblems, loadState } from '#test/support/manifest-input.ts';
import type { MemoryNode } from '#test/support/memory-tree.ts';

const good = 'services: { web: { image: "nginx:1" } }';
const envFile = (path: string) => `services: { a: { image: x, env_file: "${path}" } }`;

function aliasBomb(): string {
  const levels = Array.from(
    { length: 12 },
    (_, n) =>
      `x-${n}: &l${n} [${Array(10)
        .fill(n === 0 ? 'lol' : `*l${n - 1}`)
        .join(', ')}]`,
  );
  return `${levels.join('\n')}\n${good}`;
}

const cases: readonly (readonly [string, Readonly<Record<string, MemoryNode>>, RegExp])[] = [
  ['an alias bomb', { 'compose.yaml': aliasBomb() }, /alias|more than \d+ values/],
  ['an alias to itself', { 'compose.yaml': `x-a: &a [*a]\n${good}` }, /alias|nested/],
  ['deep nesting', { 'compose.yaml': `x-a: ${'['.repeat(100)}${']'.repeat(100)}\n${good}` }, /nested deeper/],
  ['nesting beyond the stack', { 'compose.yaml': '['.repeat(200_000) }, /nested|not valid YAML/],
  [
    '__proto__ as a key',
    { 'compose.yaml': 'services: { __proto__: { image: x } }' },
    /"__proto__" is not allowed/,
  ],
  [
    'constructor as a key',
    { 'compose.yaml': 'services: { a: { image: x, labels: { constructor: x } } }' },
    /"constructor"/,
  ],
  [
    'an oversize file',
    { 'compose.yaml': `${good}\n#${'x'.repeat(1024 * 1024)}` },
    /at most 1048576 are read/,
  ],
  [
    'an oversize env file',
    { 'compose.yaml': envFile('big'), big: 'x'.repeat(1024 * 1024 + 1) },
    /at most 1048576/,
  ],
  [
    'more documents than a person writes',
    { 'compose.yaml': Array(11).fill(good).join('\n---\n') },
    /at most 10/,
  ],
  [
    'a duplicate key',
    { 'compose.yaml': `${good}\nservices: {}` },
    /compose.yaml:2:1: this key is already there/,
  ],
  ['a file that is not text', { 'compose.yaml': new Uint8Array([0xff, 0xfe, 0x00]) }, /not UTF-8/],
  [
    'an included file above, told where it is named',
    { 'compose.yaml': `include: ["../x.yaml"]\n${good}` },
    /compose.yaml:1:11: include\[0\]: "..\/x.yaml" leads out of the app's directory/,
  ],
  [
    'an extended file above, told where it is named',
    { 'compose.yaml': 'services: { a: { extends: { file: /etc/x.yaml, service: a } } }' },
    /compose.yaml:1:35: services.a.extends.file: "\/etc\/x.yaml" leads out of the app's directory/,
  ],
  [
    'an env file above',
    { 'compose.yaml': envFile('../good/compose.yaml') },
    /leads out of the app's directory/,
  ],
  ['an absolute env file', { 'compose.yaml': envFile('/etc/passwd') }, /leads out/],
  ['an env file by a variable', { 'compose.yaml': envFile('$P'), '.env': 'P=../../secret' }, /leads out/],
  [
    'a symlink out',
    { 'compose.yaml': envFile('l'), l: { symlink: '../good/compose.yaml' } },
    /symlink that leaves/,
  ],
  ['an absolute symlink', { 'compose.yaml': { symlink: '/etc/passwd' } }, /symlink that leaves/],
  ['a symlinked .env', { 'compose.yaml': good, '.env': { symlink: '../../x' } }, /symlink that leaves/],
  [
    'a symlink to a symlink',
    { 'compose.yaml': envFile('l'), l: { symlink: 'm' }, m: { symlink: 'l' } },
    /symlink to a symlink/,
  ],
  ['a submodule', { 'compose.yaml': good, vendor: { submodule: 'abc' } }, /submodule is not fetched/],
  [
    'a file that cannot be read',
    { 'compose.yaml': { broken: 'object is corrupt' } },
    /could not be read: object is corrupt/,
  ],
  [
    'a network that is not there',
    { 'compose.yaml': 'services: { a: { image: x, networks: [toString] } }' },
    /undefined network toString/,
  ],
];

it.each(cases)('%s is refused for that app alone', async (_, files, message) => {
  const placed = Object.entries(files).map(([path, node]) => [`apps/bad/${path}`, node] as const);
  const { apps } = await loadState({ 'apps/good/compose.yaml': good, ...Object.fromEntries(placed) });
  const [bad, other] = apps;

  expect(bad?.stacks).toEqual([]);
  expect(formatProblems(bad?.problems ?? [])).toMatch(message);
  expect(other?.problems).toEqual([]);
  expect(other?.stacks.map(({ name }) => name)).toEqual(['good']);
});

const many = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n)).join('');

it.each([
  ['keys', `${good}\nx-a:\n${many(60_000, (n) => `  k${n}: 1\n`)}`],
  ['aliases', `x-a: &a 1\n${good}\nx-b:\n${many(100_000, () => '  - *a\n')}`],
  ['unknown fields', `services:\n${many(30_000, (n) => `  k${n}: {imag: x}\n`)}`],
  ['port ranges', `services: { a: { image: x, ports: [${many(2000, () => '"1-65535",')}] } }`],
  [
    'unset variables',
    `services:\n  a:\n    image: x\n    labels:\n${many(40_000, (n) => `      k${n}: $X\n`)}`,
  ],
])('a file full of %s is dealt with in a few seconds', async (_, text) => {
  const startedAt = cpuTimeMs();
  const { apps } = await loadState({ 'a/compose.yaml': text });

  expect(apps[0]?.problems.length).toBeLessThanOrEqual(100);
  expect(cpuTimeMs() - startedAt).toBeLessThan(10_000);
});

it('a symlink inside the app is followed once', async () => {
  const { apps } = await loadState({
    'a/compose.yaml': envFile('conf/l'),
    'a/conf/l': { symlink: '../shared.env' },
    'a/shared.env': 'A=1',
  });
  expect(apps[0]?.stacks[0]?.services[0]?.spec.environment).toEqual({ A: '1' });
});
