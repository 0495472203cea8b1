/**
 * Where our reading of a recorded Compose project differs from Compose's on purpose: case → reason. A case in
 * this table that agrees all the same fails the test, so that the table stays true.
 */
export const configDifferences: Readonly<Record<string, string>> = {};

/** Where our engine requests are not those of Docker Compose, and why. Everything else has to be equal. */
export type KnownDifference = {
  readonly case: string;
  readonly apiVersions: readonly string[];
  /** Of what is compared; absent: all that Compose asks for. */
  readonly fact?: RegExp;
  readonly reason: string;
};

export const knownDifferences: readonly KnownDifference[] = [
  {
    case: 'bad-restart',
    apiVersions: ['1.41', '1.51'],
    reason: 'An unknown restart word is refused where it is written; Compose leaves that to the engine.',
  },
  {
    case: 'h-external-missing',
    apiVersions: ['1.41', '1.51'],
    reason: 'Offline, an external network is taken to be there; a real plan blocks the stack until it is.',
  },
];

export function findDifference(name: string, apiVersion: string, fact?: string): KnownDifference | undefined {
  return knownDifferences.find(
    (each) =>
      each.case === name &&
      each.apiVersions.includes(apiVersion) &&
      (fact === undefined ? each.fact === undefined : each.fact?.test(fact) === true),
  );
}

/** Not run on a real engine, each for its reason: what they check is checked without one. */
export const casesWithoutEngine: Readonly<Record<string, string>> = {
  'h-build-image': 'its build contexts are no part of the recording; see deliver.test.ts',
  'h-hooks-develop': 'its build context is no part of the recording; see deliver.test.ts',
  'h-depends-on': 'links over networks that no engine starts',
  'h-deploy-resources': 'asks for GPUs',
  'h-volumes-from': 'needs a container of somebody else',
  'h-duplicates': 'writes to directories beside the file, which a state repo is not',
  'h-include': 'writes to directories beside the file, which a state repo is not',
  'h-override-file': 'mounts directories beside the file that are no part of the recording',
  'h-two-files': 'files that Compose is given by name; a state repo has only those it finds by itself',
  'h-env-file-flag': 'env files that Compose is given by name',
  'h-command-quoting': 'entrypoints that are no program of the stand-in image',
  'h-network-modes': 'needs a container of somebody else',
  'h-healthcheck': 'its checks are minutes apart',
  'h-ports-same-twice': 'publishes one host port twice, which no engine can start',
  'h-ports-short': 'publishes SCTP, which few kernels have',
};
