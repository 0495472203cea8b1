import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ComposeRequests, toRequests } from '#app/compose/to-requests.ts';
import type { Problem } from '#domain/problem.ts';
import { nameOf, toFacts } from '#test/support/compare-requests.ts';
import { findDifference, knownDifferences } from '#test/support/compose-differences.ts';
import {
  isRefused,
  listRecordings,
  publicRoot,
  type RecordedRequest,
  type Recording,
  readInput,
  readModel,
  readRequests,
} from '#test/support/compose-recordings.ts';

// What Docker Compose really sent is the truth: see test/compose-cases/README.md.
const recordings = listRecordings();
const versions = ['1.41', '1.51'] as const;

if (!existsSync(publicRoot)) {
  console.warn('skipped: the cases from public repositories, which are not beside this one (../shared)');
}

describe.each(versions)('an engine of API %s is asked for what Docker Compose asks for', (apiVersion) => {
  it.each(recordings.map((each) => [each.name, each] as const))('%s', async (name, recording) => {
    const { requests, blocks, errors } = await ask(recording, apiVersion);
    const recorded = readRequests(recording, apiVersion);

    if (findDifference(name, apiVersion) !== undefined) return;
    if (isRefused(recording, apiVersion)) {
      expect([...blocks.map(({ message }) => message), ...errors]).not.toEqual([]);
      // Compose had asked for these when it stopped.
      const asked = requests.map(nameOf);
      if (errors.length === 0) expect(asked).toEqual(expect.arrayContaining((recorded ?? []).map(nameOf)));
      return;
    }
    expect(errors).toEqual([]);
    expect(blocks).toEqual([]);
    expect(findDifferences(requests, recorded ?? [], name, apiVersion)).toEqual([]);
    expect(findDisorder(requests)).toEqual([]);
  });
});

it('every listed difference is one that exists', async () => {
  const unused: string[] = [];
  for (const known of knownDifferences) {
    const recording = recordings.find(({ name }) => name === known.case);
    if (recording === undefined) continue;
    for (const apiVersion of known.apiVersions) {
      const { requests, errors } = await ask(recording, apiVersion);
      const differing = listDiffering(requests, readRequests(recording, apiVersion) ?? []);
      const { fact } = known;
      const isUsed = fact === undefined ? errors.length + differing.length > 0 : differing.some((each) => fact.test(each));
      if (!isUsed) unused.push(`${known.case} ${apiVersion} ${String(known.fact)}`);
    }
  }
  expect(unused).toEqual([]);
});

async function ask(
  recording: Recording,
  apiVersion: string,
): Promise<Omit<ComposeRequests, 'requests'> & { requests: readonly RecordedRequest[]; errors: readonly string[] }> {
  const problems: Problem[] = [];
  const { requests, blocks } = await toRequests(readModel(recording, problems), {
    apiVersion,
    deliver: {
      files: async () => [],
      build: async () => undefined,
      readText: async (path) => readInput(recording, path),
    },
  });
  const errors = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  return { requests: requests as unknown as readonly RecordedRequest[], blocks, errors };
}

function listDiffering(
  requests: readonly RecordedRequest[],
  recorded: readonly RecordedRequest[],
): readonly string[] {
  const [ours, theirs] = [toFacts(requests), toFacts(recorded)];
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((fact) => ours.get(fact) !== theirs.get(fact))
    .map((fact) => `${fact}: ${theirs.get(fact)} → ${ours.get(fact)}`)
    .toSorted();
}

function findDifferences(
  requests: readonly RecordedRequest[],
  recorded: readonly RecordedRequest[],
  name: string,
  apiVersion: string,
): readonly string[] {
  return listDiffering(requests, recorded).filter((fact) => findDifference(name, apiVersion, fact) === undefined);
}

/** Networks and volumes come before containers, and a connect after the create of its container. */
function findDisorder(requests: readonly RecordedRequest[]): readonly string[] {
  const rank = ({ path }: RecordedRequest) => (/^\/(networks|volumes)\/create$/.test(path) ? 0 : 1);
  const ranks = requests.map(rank);
  const late = requests.filter((_, index) => ranks.slice(0, index).includes(1) && ranks[index] === 0);
  const first = requests.findIndex(({ path }) => path.endsWith('/connect'));
  const orphan = first === 0 ? requests.slice(0, 1) : [];
  return [...late, ...orphan].map(nameOf);
}
