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
