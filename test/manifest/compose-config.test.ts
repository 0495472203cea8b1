import { describe, expect, it } from 'vitest';
import { formatProject } from '#manifest/compose/format-project.ts';
import {
  hasPublicCases,
  listConfigCases,
  readConfigCase,
  readRecordedConfig,
} from '#test/support/compose-config.ts';
import { configDifferences } from '#test/support/compose-differences.ts';
import { formatProblems } from '#test/support/manifest-input.ts';

// What `docker compose config` printed is the truth: see test/compose-cases/README.md.
const cases = listConfigCases();
const accepted = cases.filter(({ outcome }) => outcome !== 'refused by config');

it.skipIf(hasPublicCases())('../shared/compose-cases is absent: no public project is compared', () => {});

describe('a project that Docker Compose accepts is read to the same model', () => {
  it.each(accepted.map((each) => [each.name, each] as const))('%s', async (name, each) => {
    const { result, problems } = await readConfigCase(each);

    expect(formatProblems(problems.filter(({ severity }) => severity === 'error'))).toBe('');
    if (result.kind !== 'read') throw new Error('nothing was read');
    const printed: unknown = JSON.parse(JSON.stringify(formatProject(result, 'json')));
    const recorded = readRecordedConfig(each);
    if (configDifferences[name] === undefined) expect(printed).toEqual(recorded);
    else expect(printed).not.toEqual(recorded);
  });
});
