import type { Problem } from '#domain/problem.ts';

/** What an import has written, and what it could not carry over. */
export type ImportView = {
  readonly apps: readonly string[];
  /** Paths as written. */
  readonly files: readonly string[];
  /** What a human has to look at, each a sentence with the name of its app before it. */
  readonly notes: readonly string[];
  /** What is wrong with the result, as `shorefast validate` would tell it. */
  readonly problems: readonly Problem[];
};
