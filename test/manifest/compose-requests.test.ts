import { describe, expect, it } from 'vitest';
import { composeRequests } from '#app/compose/compose-requests.ts';
import { nameOf, toFacts } from '#test/support/compare-requests.ts';
import {
  type ConfigCase,
  isRefused,
  listAbsentCases,
  listProjects,
  type RecordedRequest,
  readConfigCase,
  readRecordedRequests,
} from '#test/support/compose-config.ts';
import { findDifference, knownDifferences } from '#test/support/compose-differences.ts';

// What Docker Compose really sent is the truth: see test/compose-cases/README.md. Each project is read from its
// files, and its requests are made, as `shorefast compose requests` does it.
const projects = listProjects().filter(({ outcome }) => outcome !== 'refused by config');
const absent = listAbsentCases();

describe.each(['1.41', '1.51'])(
  'an engine of API %s is asked for what Docker Compose asks for',
  (version) => {
    const isKnown = (name: string) => findDifference(name, version) !== undefined;
    const asked = projects.filter(
      (each) =>
        readRecordedRequests(each, version) !== undefined && !isKnown(each.name) && !isRefused(each, version),
    );
    it.for([...asked.map(({ name }) => name), ...absent])('%s', async (name, { skip }) => {
      const recording = find(name) ?? skip('NOT RUN: ../shared/compose-cases is absent');

      const { requests, refusals: refused, errors } = await ask(recording, version);

      expect(errors).toEqual([]);
      expect(refused).toEqual([]);
      expect(listUnknown(requests, recording, version)).toEqual([]);
      expect(findDisorder(requests)).toEqual([]);
    });
  },
);

describe.each(['1.41', '1.51'])(
  'what Docker Compose refuses for an engine of API %s is refused',
  (version) => {
    const isKnown = (name: string) => findDifference(name, version) !== undefined;
    const refusedOnes = projects.filter((each) => !isKnown(each.name) && isRefused(each, version));
    it.for(refusedOnes.map((each) => [each.name, each] as const))('%s', async ([name, recording]) => {
      const { refusals: refused, errors } = await ask(recording, version);

      expect([...refused, ...errors].join()).toMatch(refusals[name] ?? /^$/);
    });
  },
);

/** What each of them is refused for. */
const refusals: Readonly<Record<string, RegExp>> = {
  'bad-image-ref': /is not an image reference/,
  'cmp-test-image-volume': /volume of type image needs API 1.48/,
  'h-bind-recursive': /bind.recursive: readonly needs API 1.44/,
  'h-healthcheck-start-interval': /healthcheck.start_interval needs API 1.44/,
  'h-network-mac': /mac_address of a network needs API 1.44/,
  'h-secret-external': /unsupported external secret s/,
  'h-volume-image': /volume of type image needs API 1.48/,
};

function find(name: string): ConfigCase | undefined {
  return projects.find((each) => each.name === name);
}

it('every listed difference is one that exists', async () => {
  const unused: string[] = [];
  for (const known of knownDifferences) {
    const recording = find(known.case);
    if (recording === undefined) continue;
    for (const apiVersion of known.apiVersions) {
      const { requests, errors } = await ask(recording, apiVersion);
      const differing = listDiffering(requests, readRecordedRequests(recording, apiVersion) ?? []);
      const { fact } = known;
      const isUsed =
        fact === undefined ? errors.length + differing.length > 0 : differing.some((each) => fact.test(each));
      if (!isUsed) unused.push(`${known.case} ${apiVersion} ${String(known.fact)}`);
    }
  }
  expect(unused).toEqual([]);
});

type Asked = {
  readonly requests: readonly RecordedRequest[];
  readonly refusals: readonly string[];
  readonly errors: readonly string[];
};

async function ask(recording: ConfigCase, apiVersion: string): Promise<Asked> {
  const disk = await readConfigCase(recording);
  const { requests = [], refusals: refused, problems } = await composeRequests(disk, apiVersion);
  const errors = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  return { requests: requests as unknown as readonly RecordedRequest[], refusals: refused, errors };
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

/** Those that are not in the table. */
function listUnknown(
  requests: readonly RecordedRequest[],
  recording: ConfigCase,
  apiVersion: string,
): readonly string[] {
  return listDiffering(requests, readRecordedRequests(recording, apiVersion) ?? []).filter(
    (fact) => findDifference(recording.name, apiVersion, fact) === undefined,
  );
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
