import { describe, expect, it } from 'vitest';
import { formatProject } from '#manifest/compose/format-project.ts';
import type { Reading } from '#manifest/compose/load/reading.ts';
import { formatAll, type MemoryFiles, readMemoryProject } from '#test/support/memory-reading.ts';

// What has no recorded case of its own; expected is what the rules of Compose give.
const service = (...lines: readonly string[]) =>
  `services:\n  a:\n    image: x\n${lines.map((line) => `    ${line}\n`).join('')}`;

type Trap = readonly [
  name: string,
  files: MemoryFiles | string,
  expected: object,
  variables?: Reading['variables'],
];

const traps: readonly Trap[] = [
  [
    'floats are written as Go writes them',
    service('environment: {A: 1e6, B: 1234567.5, C: 123456.5, D: -0.0, E: 1e-5, F: 1_000.5, G: .5, H: 1.}'),
    {
      environment: {
        A: '1e+06',
        B: '1.2345675e+06',
        C: '123456.5',
        D: '-0',
        E: '1e-05',
        F: '1000.5',
        G: '0.5',
        H: '1',
      },
    },
  ],
  [
    'integers keep all digits of 64 bits, in every notation',
    service(
      'environment: {A: 9007199254740993, B: 0xFFFFFFFFFFFFFFFF, C: 18446744073709551616, D: 0B11, E: 08, F: +5}',
    ),
    {
      environment: {
        A: '9007199254740993',
        B: '18446744073709551615',
        C: '1.8446744073709552e+19',
        D: '3',
        E: '8',
        F: '5',
      },
    },
  ],
  [
    'what only looks like a date is text',
    service('environment: {A: 2024-13-45, B: 2024-02-30}'),
    { environment: { A: '2024-13-45', B: '2024-02-30' } },
  ],
  [
    'a limit of zero is no limit',
    service('ulimits: {nofile: 0, core: {soft: 0, hard: 5}, nproc: "7"}'),
    { ulimits: { nofile: {}, core: { hard: 5 }, nproc: 7 } },
  ],
  [
    'a block of text at the end of a file ends as the file does',
    'services:\n  a:\n    labels: {x: y}\n    image: x\n    command:\n      - |\n        one\n        two',
    { command: ['one\ntwo'] },
  ],
  [
    'scale goes into deploy',
    service('scale: 2', 'deploy: {resources: {limits: {cpus: "0.5"}}}'),
    { scale: 2, deploy: { replicas: 2, resources: { limits: { cpus: 0.5 } }, placement: {} } },
  ],
  [
    'of two mounts at one path in short form the last counts, whatever the slashes',
    service('volumes: ["/a:/data/", "/b:/data"]'),
    { volumes: [{ type: 'bind', source: '/b', target: '/data', bind: { create_host_path: true } }] },
  ],
  [
    'a later env file sees the earlier, and own variables win over both',
    {
      'compose.yaml': service('env_file: [e1, {path: none, required: false}, e2]', 'environment: {X: own}'),
      e1: 'A=1\nB=$A\nX=file\nY=${X}\n',
      e2: 'A=2\nB=$A-$B\nO="\\0123"\n',
    },
    { environment: { A: '2', B: '2-1', O: 'S', X: 'own', Y: 'own' } },
  ],
  [
    '!override counts through an alias',
    {
      'compose.yaml': service('ports: ["80", "81"]'),
      'compose.override.yaml': 'x-p: &p !override ["82"]\nservices: {a: {ports: *p}}',
    },
    { ports: [{ mode: 'ingress', target: 82, protocol: 'tcp' }] },
  ],
  [
    'what is extended is relative to its own file, through several',
    {
      'compose.yaml':
        'services: { a: { extends: { file: sub/base.yaml, service: b }, environment: { X: 1 } } }',
      'sub/base.yaml':
        'services: { b: { extends: { file: deep/d.yaml, service: c }, env_file: b.env, environment: [Y=2, X=0] } }',
      'sub/deep/d.yaml': 'services: { c: { image: "i:${V:-1}", volumes: ["./data:/d"] } }',
      'sub/b.env': 'FROM=b',
    },
    {
      image: 'i:1',
      environment: { FROM: 'b', X: '1', Y: '2' },
      volumes: [{ type: 'bind', source: '/p/sub/deep/data', target: '/d', bind: { create_host_path: true } }],
    },
  ],
  [
    'an included directory has its own .env, and the outer variables win',
    {
      'compose.yaml': 'include: [sub/compose.yaml]',
      'sub/compose.yaml': 'services: { a: { image: "x:${T}-${OUTER}" } }',
      'sub/.env': 'T=sub\nOUTER=sub\n',
    },
    { image: 'x:sub-outer' },
    new Map([['OUTER', 'outer']]),
  ],
  [
    'rules of the top do not count further down',
    service('build: {context: ., secrets: [s]}', 'x-y: {services: {b: {build: {}}}}') +
      'secrets: {s: {file: ./f}}\n',
    { build: { context: '/p', dockerfile: 'Dockerfile', secrets: [{ source: 's' }] } },
  ],
  [
    'a port as number and as text are two',
    service('ports: ["8080:80", {target: 80, published: 8080}]'),
    {
      ports: [
        { mode: 'ingress', target: 80, published: '8080', protocol: 'tcp' },
        { mode: 'ingress', target: 80, published: '8080', protocol: 'tcp' },
      ],
    },
  ],
];

describe('by the rules of Compose', () => {
  it.each(traps.map((trap) => [trap[0], trap] as const))('%s', async (_, [, files, expected, variables]) => {
    const named = typeof files === 'string' ? { 'compose.yaml': files } : files;
    const { result, problems } = await readMemoryProject(named, { variables: variables ?? new Map() });

    expect(formatAll(problems.filter(({ severity }) => severity === 'error'))).toBe('');
    if (result.kind !== 'read') throw new Error('nothing was read');
    const { services } = formatProject(result, 'json') as { services: Record<string, object> };
    expect(services['a']).toMatchObject(expected);
  });
});

const faults: readonly (readonly [string, MemoryFiles | string, readonly string[]])[] = [
  [
    'several faults of form at once',
    'services:\n  a: {image: x, imagee: y, ports: 5}\nvolume: {}\n',
    [
      'error compose.yaml:3:1: volume: unknown field "volume" (did you mean "volumes"?)',
      'error compose.yaml:2:17: services.a.imagee: unknown field "imagee" (did you mean "image"?)',
      'error compose.yaml:2:35: services.a.ports: expected a list, found 5',
    ],
  ],
  [
    'several faults of variables at once',
    'services: {a: {image: "${A:?need a}", hostname: "${bad", tty: maybe}}',
    [
      'error compose.yaml:1:23: services.a.image: required variable A is missing a value: need a',
      'error compose.yaml:1:49: services.a.hostname: invalid interpolation format (you may need to escape any $ with another $)',
      'error compose.yaml:1:63: services.a.tty: invalid boolean: "maybe" (a variable must give such a value too)',
    ],
  ],
  [
    'a service that is named only in passing',
    service('network_mode: "service:zz"'),
    ['error compose.yaml:4:19: services.a.network_mode: service "a" depends on undefined service "zz"'],
  ],
  [
    'a conflict in the file that is laid over the other',
    {
      'compose.yaml': service('deploy: {replicas: 1}'),
      'compose.override.yaml': 'services:\n  a:\n    deploy: [x]\n',
    },
    [
      'error compose.override.yaml:3:13: services.a.deploy: cannot override services.a.deploy (write it in the same form in both places)',
    ],
  ],
  [
    'a bare date where text is meant',
    service('environment: {D: 2024-01-02}'),
    ['error compose.yaml:4:22: a bare date is not text (put it in quotes)'],
  ],
  [
    'a project that says nothing',
    { 'compose.yaml': 'services: !reset {a: {image: x}}\n' },
    ['error compose.yaml:1:1: empty compose file'],
  ],
  [
    'a negative number of what is counted',
    service('healthcheck: {test: x, retries: -1}'),
    ['error compose.yaml:4:37: services.a.healthcheck.retries: a negative number is not possible here'],
  ],
  [
    'a fault in an env file',
    { 'compose.yaml': service('env_file: [{path: e, format: raw}]'), e: 'A=1\nB C=1\n' },
    ['error e:2:1: a variable name contains whitespaces (expected NAME=value)'],
  ],
];

describe('is told at its place', () => {
  it.each(faults)('%s', async (_, files, expected) => {
    const named = typeof files === 'string' ? { 'compose.yaml': files } : files;
    const { result, problems } = await readMemoryProject(named);

    expect(result.kind).toBe('invalid');
    expect(formatAll(problems).split('\n')).toEqual(expected);
  });
});
