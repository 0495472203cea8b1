import type { Problem } from '#domain/problem.ts';

/** What `shorefast compose config` prints. */
export type ComposeConfigView = {
  readonly problems: readonly Problem[];
  /** In the form of `docker compose config`; absent when there are errors. */
  readonly config?: Readonly<Record<string, unknown>>;
};
