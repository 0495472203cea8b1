import { expect, it } from 'vitest';
import { cpuTimeMs } from '#test/support/cpu-time.ts';
import { formatAll, type MemoryFiles, readMemoryProject } from '#test/support/memory-reading.ts';

const good = 'services: { web: { image: "nginx:1" } }';
const many = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n)).join('');
const doubling = Array.from({ length: 60 }, (_, n) => `V${n + 1}=$V${n}$V${n}\n`).join('');
const labels = many(5000, (n) => `      l${n}: x\n`);

const bombs: readonly (readonly [string, MemoryFiles, RegExp])[] = [
  [
    'aliases of aliases',
    {
      'compose.yaml': `${Array.from(
        { length: 12 },
        (_, n) =>
          `x-${n}: &l${n} [${Array(10)
            .fill(n === 0 ? 'lol' : `*l${n - 1}`)
            .join(', ')}]`,
      ).join('\n')}\n${good}`,
    },
    /alias|more than \d+ values/,
  ],
  ['an alias to itself', { 'compose.yaml': `x-a: &a [*a]\n${good}` }, /alias|nested/],
  ['nesting beyond the stack', { 'compose.yaml': '['.repeat(200_000) }, /nested|not valid YAML/],
  ['__proto__ as a key', { 'compose.yaml': 'services: { __proto__: { image: x } }' }, /"__proto__" is not/],
  [
    'a network of every object',
    { 'compose.yaml': `services: { a: { image: x, networks: [toString] } }` },
    /toString/,
  ],
  [
    'a variable that doubles with every line',
    { 'compose.yaml': 'services: { a: { image: x, env_file: e } }', e: `V0=xx\n${doubling}` },
    /e:\d+:1: variables expand to more than a megabyte/,
  ],
  [
    'a long variable in every line',
    {
      'compose.yaml': `services:\n  a:\n    image: x\n    labels:\n${many(1000, (n) => `      k${n}: $LONG\n`)}`,
    },
    /expand to too much text/,
  ],
  [
    'a service that is extended by all',
    {
      'compose.yaml': `services:\n  base:\n    image: x\n    labels:\n${labels}${many(2000, (n) => `  s${n}: {extends: base}\n`)}`,
    },
    /too many values/,
  ],
  [
    'a file that is included by many',
    {
      'compose.yaml': `include:\n${many(200, (n) => `  - f${n}.yaml\n`)}`,
      ...Object.fromEntries(
        Array.from({ length: 200 }, (_, n) => [
          `f${n}.yaml`,
          `services:\n  s${n}:\n    image: x\n    labels:\n${many(9000, (m) => `      l${m}: x\n`)}`,
        ]),
      ),
    },
    /too many values|bytes are read/,
  ],
  [
    'files that include each other',
    { 'compose.yaml': 'include: [b.yaml]', 'b.yaml': 'include: [compose.yaml]' },
    /cycle/,
  ],
  [
    'services that extend each other',
    { 'compose.yaml': 'services: { a: { extends: b }, b: { extends: a } }' },
    /circular reference/,
  ],
  [
    'ranges of all ports in every service',
    { 'compose.yaml': `services:\n${many(500, (n) => `  s${n}: {image: x, ports: ["1-65535"]}\n`)}` },
    /more than 100000 ports/,
  ],
  [
    'a number of a million digits',
    { 'compose.yaml': `services: { a: { image: x, stop_grace_period: "${'9'.repeat(900_000)}s" } }` },
    /invalid duration/,
  ],
];

it.each(bombs)('%s is refused in a few seconds', async (_, files, message) => {
  const startedAt = cpuTimeMs();
  const { result, problems } = await readMemoryProject(files, {
    variables: new Map([['LONG', 'x'.repeat(100_000)]]),
  });

  expect(result.kind).toBe('invalid');
  expect(formatAll(problems)).toMatch(message);
  expect(cpuTimeMs() - startedAt).toBeLessThan(10_000);
});

it.each([
  ['keys', `${good}\nx-a:\n${many(60_000, (n) => `  k${n}: 1\n`)}`],
  ['aliases', `x-a: &a 1\n${good}\nx-b:\n${many(100_000, () => '  - *a\n')}`],
  ['unknown fields', `services:\n${many(30_000, (n) => `  k${n}: {imag: x}\n`)}`],
  [
    'unset variables',
    `services:\n  a:\n    image: x\n    labels:\n${many(40_000, (n) => `      k${n}: $X\n`)}`,
  ],
  ['dependencies', `services:\n${many(15_000, (n) => `  s${n}: {image: x, depends_on: [s${n + 1}]}\n`)}`],
  [
    'unknown names',
    `services:\n${many(9000, (n) => `  s${n}: {image: x, depends_on: [t${n}], networks: [n${n}]}\n`)}`,
  ],
  ['one host', `services: { a: { image: x, extra_hosts: [${many(60_000, () => '"h:1.1.1.1",')}] } }`],
  ['braces', `services: { a: { image: x, labels: { l: "${'${A:-}'.repeat(100_000)}" } } }`],
  ['open braces', `services: { a: { image: x, labels: { l: "${'${A:-{}'.repeat(100_000)}" } } }`],
])('a file full of %s is dealt with in a few seconds', async (_, text) => {
  const startedAt = cpuTimeMs();
  const { result, problems } = await readMemoryProject({ 'compose.yaml': text });

  expect(['read', 'invalid']).toContain(result.kind);
  expect(problems.length).toBeLessThanOrEqual(400);
  expect(cpuTimeMs() - startedAt).toBeLessThan(10_000);
});

it('an env file of a megabyte is read in a second or two', async () => {
  const startedAt = cpuTimeMs();
  const { result } = await readMemoryProject({
    'compose.yaml': 'services: { a: { image: x, env_file: e } }',
    e: many(60_000, (n) => `VARIABLE_${n}=$A\n`),
  });

  expect(result.kind).toBe('read');
  expect(cpuTimeMs() - startedAt).toBeLessThan(5000);
});
