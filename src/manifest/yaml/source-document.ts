export type DocumentPath = readonly (string | number)[];

/** 1-based. */
export type Position = { readonly line: number; readonly column: number; readonly excerpt: string };

/** A parsed YAML file that still knows where everything stood. */
export type SourceDocument = {
  /** Path inside the state repo. */
  readonly file: string;
  readonly value: unknown;
  /**
   * Where the node at `path` (or its key) stands. What came in by a merge key or is missing has no place of
   * its own; then it is the nearest parent's.
   */
  locate(path: DocumentPath, of?: 'key' | 'value'): Position | undefined;
  /** Paths tagged `!reset` or `!override`: what earlier files say there does not count. */
  readonly resets?: readonly (readonly string[])[];
};
