import type { Problem } from '#domain/problem.ts';

/** `shorefast compose requests` */
export type ComposeRequestsView = {
  readonly problems: readonly Problem[];
  /** In the order in which they would be sent; absent when the project cannot be read. */
  readonly requests?: readonly {
    readonly method: string;
    readonly path: string;
    readonly query: Readonly<Record<string, string>>;
    readonly body: object;
  }[];
  /** What an engine of the chosen API cannot carry out, as sentences. */
  readonly refusals: readonly string[];
};
