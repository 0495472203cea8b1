import type { Problem } from '#domain/problem.ts';
import type { YamlLimits } from '../../yaml/yaml-limits.ts';

export type ReadResult =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly message: string; readonly hint?: string };

export type Variables = ReadonlyMap<string, string>;

/**
 * What a project is read in. Compose reads from the disk, with the variables of its process; a state repo is
 * read from a tree of blobs, where nothing outside the app's directory can be reached and no process is
 * visible. The reader itself is the same.
 */
export type Reading = {
  /** What relative paths are relative to. Absolute for Compose; `.` for an app of a state repo. */
  readonly workingDirectory: string;
  /** What `~` stands for; undefined where there is no home. */
  readonly home: string | undefined;
  /** A file, by a path from `workingDirectory` or an absolute one. */
  readFile(path: string): Promise<ReadResult>;
  /** How a file is called in messages. */
  nameFile(path: string): string;
  /** What `${…}` sees, the project's name included. */
  readonly variables: Variables;
  readonly projectName: string;
  readonly profiles: readonly string[];
  /** YAML documents in one file, each laid over the one before. */
  readonly maxDocuments: number;
  readonly limits: YamlLimits;
  readonly problems: Problem[];
};
