import { describe, expect, it } from 'vitest';
import { formatProject } from '#manifest/compose/format-project.ts';
import {
  type ConfigCase,
  listAbsentCases,
  listConfigCases,
  readConfigCase,
  readRecordedConfig,
  readRecordedError,
  readRecordedWarnings,
} from '#test/support/compose-config.ts';
import { configDifferences } from '#test/support/compose-differences.ts';
import { refusals } from '#test/support/compose-refusals.ts';
import { formatProblems } from '#test/support/manifest-input.ts';

// What `docker compose config` printed is the truth: see test/compose-cases/README.md.
const cases = listConfigCases();
const accepted = cases.filter(({ outcome }) => outcome !== 'refused by config');

async function printProject(each: ConfigCase): Promise<unknown> {
  const { result, problems } = await readConfigCase(each);
  expect(formatProblems(problems.filter(({ severity }) => severity === 'error'))).toBe('');
  if (result.kind !== 'read') throw new Error('nothing was read');
  return JSON.parse(JSON.stringify(formatProject(result, 'json')));
}

describe('a project that Docker Compose accepts is read to the same model', () => {
  const equal = accepted.filter(({ name }) => configDifferences[name] === undefined);
  const names = [...equal.map(({ name }) => name), ...listAbsentCases()];
  it.for(names)('%s', async (name, { skip }) => {
    const each = equal.find((one) => one.name === name) ?? skip('../shared/compose-cases is absent');
    const [printed, recorded] = [await printProject(each), readRecordedConfig(each)];
    expect(printed).toEqual(recorded);
    // In the same order, too.
    expect(JSON.stringify(printed)).toBe(JSON.stringify(recorded));
  });
});

// So that the table of differences stays true.
const different = accepted.filter(({ name }) => configDifferences[name] !== undefined);
it.each(different.map((each) => [each.name, each] as const))('%s is read differently', async (_, each) => {
  expect(await printProject(each)).not.toEqual(readRecordedConfig(each));
});

describe('a project that Docker Compose refuses is refused for the same fault, at its place', () => {
  const refused = cases.filter(({ outcome }) => outcome === 'refused by config');
  it.each(refused.map((each) => [each.name, each] as const))('%s', async (name, each) => {
    const { result, problems } = await readConfigCase(each);

    expect(result.kind).toBe('invalid');
    const [first] = problems.filter(({ severity }) => severity === 'error');
    const expected = refusals[name];
    if (expected === undefined) throw new Error('say in compose-refusals.ts what it is refused for');
    expect(first).toMatchObject({ file: 'compose.yaml', excerpt: expect.any(String) });
    expect(`${first?.line}:${first?.column}`).toBe(expected.at);
    expect(first?.path).toBe(expected.path);
    expect(first?.message).toMatch(expected.ours);
    expect(readRecordedError(each)).toMatch(expected.theirs);
  });
});

// What Docker Compose warns of, and how we say it.
const warnings: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/^The "(.+)" variable is not set/, ([, variable]) => `the "${variable}" variable is not set`],
  [/attribute `version` is obsolete/, () => 'the attribute `version` is obsolete'],
  [/^("?\w+"? for boolean is not supported by YAML 1.2)/, ([, fault]) => String(fault)],
  [/^(mount of type .*)$/, ([, fault]) => String(fault)],
  [
    /^Found multiple config files .*: (.*)$/,
    ([, files]) => `found multiple config files with supported names: ${files}`,
  ],
  [/^Using (.*)$/, ([, file]) => `using ${file}`],
];

describe('what Docker Compose warns of, we warn of as well', () => {
  const warned = accepted.filter((each) => readRecordedWarnings(each).length > 0);
  it.each(warned.map((each) => [each.name, each] as const))('%s', async (_, each) => {
    const { problems } = await readConfigCase(each);

    const ours = problems.filter(({ severity }) => severity === 'warning').map(({ message }) => message);
    for (const warning of readRecordedWarnings(each)) {
      const [expected] = warnings.flatMap(([pattern, phrase]) => {
        const match = pattern.exec(warning);
        return match === null ? [] : [phrase(match)];
      });
      if (expected === undefined) throw new Error(`an unknown warning: ${warning}`);
      expect(ours.join('\n')).toContain(expected);
    }
  });
});
