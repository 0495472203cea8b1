export type TreeEntry = {
  /** Relative to the root of the tree, with `/`. */
  readonly path: string;
  /** The last part of the path. */
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'submodule';
  /** Git object id: equal ids mean equal content, so it serves as a cache key. */
  readonly oid: string;
  /** Only of files; absent: no. */
  readonly executable?: boolean;
};

/**
 * A read-only tree of blobs at one revision. It is read from the Git object database, never through a
 * working tree, so that nothing a repo writer commits can reach the host's file system.
 */
export type FileTree = {
  /** Object id of the root. */
  readonly oid: string;
  /** Entries of a directory ('' is the root) in name order; undefined when there is no such directory. */
  list(directory: string): Promise<readonly TreeEntry[] | undefined>;
  /** What stands at a path; undefined when nothing does. Symlinks are reported, not followed. */
  stat(path: string): Promise<TreeEntry | undefined>;
  /**
   * Content of a regular file; for a symlink, its target text. Undefined when nothing stands there.
   * @throws FileTooLarge when the blob has more than `maxBytes`.
   */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
};

export class FileTooLarge extends Error {
  override readonly name = 'FileTooLarge';
  readonly sizeBytes: number;
  readonly maxBytes: number;

  constructor(path: string, sizeBytes: number, maxBytes: number) {
    super(`${path} has ${sizeBytes} bytes; at most ${maxBytes} are read`);
    this.sizeBytes = sizeBytes;
    this.maxBytes = maxBytes;
  }
}
