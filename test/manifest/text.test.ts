import { describe, expect, it } from 'vitest';
import { toCanonicalJson } from '#manifest/canonical-json.ts';
import { parseShortPort } from '#manifest/compose/short/short-port.ts';
import { InvalidValue } from '#manifest/place.ts';
import { findNearestName } from '#manifest/schema/nearest-name.ts';
import { parseDotenv } from '#manifest/text/dotenv.ts';
import { parseDuration } from '#manifest/text/duration.ts';
import { formatScalar } from '#manifest/text/format-scalar.ts';
import { parseImage, replaceTag } from '#manifest/text/image-reference.ts';
import { interpolate } from '#manifest/text/interpolate.ts';
import { parseMemorySize } from '#manifest/text/memory-size.ts';
import { splitCommand } from '#manifest/text/split-command.ts';

const variables: Record<string, string> = { SET: 'value', EMPTY: '' };
const lookup = (name: string) => variables[name];

describe('interpolation', () => {
  it.each([
    ['$SET-tail', 'value-tail'],
    ['${SET}', 'value'],
    ['[${NOPE}]', '[]'],
    ['${EMPTY:-d}', 'd'],
    ['[${EMPTY-d}]', '[]'],
    ['${NOPE-d}', 'd'],
    ['${SET:?m}', 'value'],
    ['[${EMPTY?m}]', '[]'],
    ['${SET:+a}', 'a'],
    ['[${EMPTY:+a}]', '[]'],
    ['${EMPTY+a}', 'a'],
    ['[${NOPE+a}]', '[]'],
    ['${NOPE:-${ALSO:-${SET}}}', 'value'],
    ['${NOPE:-{"a":1}}', '{"a":1}'],
    ['$$SET $${SET} $$$$', '$SET ${SET} $$'],
    ['${NOPE:-http://h:80/?x=1}', 'http://h:80/?x=1'],
    ['cost: $5, 100%$', 'cost: $5, 100%$'],
    ['${NOPE:-a}${SET}${NOPE-b}', 'avalueb'],
    ['${NOPE:-{}', '{'],
    ['${set:-}${SeT-x}', 'x'],
  ])('%s becomes %s', (text, expected) => {
    expect(interpolate(text, lookup)).toBe(expected);
  });

  it.each([
    ['${NOPE:?set it first}', 'required variable NOPE is missing a value: set it first'],
    ['${EMPTY:?}', 'required variable EMPTY is missing a value'],
    ['${SET:-${NOPE:?looked into though not needed}}', 'required variable NOPE is missing a value'],
    ['${SET', 'invalid interpolation format'],
    ['${SET:-a\nb}', 'invalid interpolation format'],
    ['${1A}', 'invalid interpolation format'],
    ['${SET/x}', 'invalid interpolation format'],
    ['${A:-'.repeat(30) + '}'.repeat(30), 'nested deeper'],
  ])('%s is refused', (text, message) => {
    expect(() => interpolate(text, lookup)).toThrow(message);
  });
});

describe('env files', () => {
  it.each([
    ['A=b', 'b'],
    ['A=b c # comment', 'b c'],
    ['A=b#c', 'b#c'],
    ["A='$SET \\n'", '$SET \\n'],
    ['A="$SET\\tb"', 'value\tb'],
    ['A="\\$SET"', '$SET'],
    ['A="line\nline"', 'line\nline'],
    ['export A=1', '1'],
    ['A: 1', '1'],
    ['  A = 1  ', '1'],
    ["A=it's", "it's"],
    ['A="x \\" y"', 'x " y'],
    ['B=1\nA=${B}2', '12'],
    ['A=', ''],
    ['A=1\r\nB=2', '1'],
    ['SET\nA=1', '1'],
  ])('%j gives A the value %j', (text, expected) => {
    expect(parseDotenv(text, lookup).get('A')).toBe(expected);
  });

  it('a bare name takes the value of the variable, and is left out without one', () => {
    expect(Object.fromEntries(parseDotenv('SET\nNOPE', lookup))).toEqual({ SET: 'value' });
  });

  it('the raw format keeps quotes, dollars and comments', () => {
    expect(Object.fromEntries(parseDotenv('# c\nA="$SET" # x', lookup, 'raw'))).toEqual({ A: '"$SET" # x' });
  });

  it.each([
    ['A="open', 'line 1: the quote is not closed'],
    ['OK=1\nnot a name=1', 'line 2: expected NAME=value'],
    ['A=1\nB=${A', 'line 2: invalid interpolation format'],
  ])('%j is refused with its line', (text, message) => {
    expect(() => parseDotenv(text, lookup)).toThrow(message);
  });
});

describe('commands', () => {
  it.each([
    ['echo hello  world', ['echo', 'hello', 'world'], ''],
    [`sh -c 'a "b" && c'`, ['sh', '-c', 'a "b" && c'], ''],
    ['a\\ b c\\\\d', ['a b', 'c\\d'], ''],
    ['one "" \'\'', ['one', '', ''], ''],
    ['', [], ''],
    ['one 2>&1 two', ['one'], '>&1 two'],
    ['one && two', ['one'], '&& two'],
    ['one # *.txt ~', ['one', '#', '*.txt', '~'], ''],
    ['one $(sub cmd) `a b`', ['one', '$(sub cmd)', '`a b`'], ''],
  ])('%j splits', (text, words, dropped) => {
    expect(splitCommand(text)).toEqual({ words, dropped });
  });

  it.each(['one "two', 'one (two)', 'one \\'])('%j is refused', (text) => {
    expect(() => splitCommand(text)).toThrow(InvalidValue);
  });
});

describe('ports', () => {
  const format = (entry: string | number) =>
    parseShortPort(String(entry)).map((port) => {
      const [hostIp, published, target, protocol] = ['host_ip', 'published', 'target', 'protocol'].map(
        (key) => JSON.stringify(port[key] ?? '').replaceAll('"', ''),
      );
      return `${hostIp}|${published}|${target}/${protocol}`;
    });

  it.each([
    [3001, ['||3001/tcp']],
    ['8000:80', ['|8000|80/tcp']],
    ['8001-8002:81-82', ['|8001|81/tcp', '|8002|82/tcp']],
    ['7000-7005:70', ['|7000-7005|70/tcp']],
    ['127.0.0.1::91', ['127.0.0.1||91/tcp']],
    ['[::1]:9200:94/udp', ['::1|9200|94/udp']],
    ['0022:22', ['|22|22/tcp']],
  ])('%s', (entry, expected) => {
    expect(format(entry)).toEqual(expected);
  });

  it.each(['eighty:80', '70000:80', '80/icmp', '8000-8002:80-81', '::1:9400:96', '90-80', 'a:b:c:d', ''])(
    '%j is refused',
    (entry) => {
      expect(() => parseShortPort(entry)).toThrow(InvalidValue);
    },
  );
});

it.each([
  ['1m30s', 90_000],
  ['1.5s', 1500],
  ['500ms', 500],
  ['1h2m3s', 3_723_000],
  ['0', 0],
  ['2d', 172_800_000],
  ['100us', 0.1],
])('the duration %s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBeCloseTo(ms);
});

it.each(['30', 'soon', '', '1 s', '-5s', '5sx'])('the duration %j is refused', (text) => {
  expect(() => parseDuration(text)).toThrow('invalid duration');
});

it.each([
  ['1gb', 1024 ** 3],
  ['64MiB', 64 * 1024 ** 2],
  ['1.5g', 1_610_612_736],
  ['300000k', 307_200_000],
  [104_857_600, 104_857_600],
])('the size %s is %d bytes', (text, bytes) => {
  expect(parseMemorySize(text)).toBe(bytes);
});

it.each(['5 parsecs', '', 'm', '-1', '9999999p'])('the size %j is refused', (text) => {
  expect(() => parseMemorySize(text)).toThrow(InvalidValue);
});

it.each([
  ['nginx', 'nginx:latest'],
  ['nginx:1.27', 'nginx:1.27'],
  ['localhost:5000/a/b', 'localhost:5000/a/b:latest'],
  [`a@sha256:${'0'.repeat(64)}`, `a@sha256:${'0'.repeat(64)}`],
])('the image %s is %s', (text, expected) => {
  expect(parseImage(text)).toBe(expected);
});

it.each(['Example/App:1', '', 'a b', '../x', 'a:', `${'a'.repeat(600)}`])(
  'the image %j is refused',
  (text) => {
    expect(() => parseImage(text)).toThrow('is not an image reference');
  },
);

it('a tag is replaced behind a registry port, and refused beside a digest', () => {
  expect(replaceTag('localhost:5000/web', '2')).toBe('localhost:5000/web:2');
  expect(replaceTag('web:1', '2')).toBe('web:2');
  expect(() => replaceTag(`web@sha256:${'0'.repeat(64)}`, '2')).toThrow('by digest');
});

it('numbers are written as Go writes them', () => {
  expect([1.5, 1e3, 1e21, 0.00001, -7, true].map(formatScalar)).toEqual([
    '1.5',
    '1000',
    '1e+21',
    '1e-05',
    '-7',
    'true',
  ]);
});

it('the nearest name is found only when it is near', () => {
  const known = ['image', 'ports', 'environment', 'env_file'];

  expect(['imagee', 'prots', 'enviroment', 'Ports'].map((name) => findNearestName(name, known))).toEqual([
    'image',
    'ports',
    'environment',
    'ports',
  ]);
  expect(findNearestName('healthcheck', known)).toBeUndefined();
});

it('canonical JSON depends neither on key order nor on undefined', () => {
  expect(toCanonicalJson({ b: [1, { d: undefined, c: null }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":null}]}');
});
