/** Which NPM the double pretends to be. What changed when is in the tolerance table of README.md beside this file. */
export type NpmVersion = {
  /** `2.15.1` */
  readonly text: string;
  readonly parts: readonly [number, number, number];
  /** Is it this version or a later one? */
  isSince(text: string): boolean;
};

/** @throws when it is no version */
export function parseNpmVersion(text: string): NpmVersion {
  const parts = toParts(text);
  return { text, parts, isSince: (other) => compareParts(parts, toParts(other)) >= 0 };
}

function toParts(text: string): readonly [number, number, number] {
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (match === null) throw new Error(`not a version of NPM: ${text}`);
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}

function compareParts(left: readonly number[], right: readonly number[]): number {
  const differing = left.findIndex((part, index) => part !== right[index]);
  return differing === -1 ? 0 : (left[differing] ?? 0) - (right[differing] ?? 0);
}
