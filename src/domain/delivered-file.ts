// What a config, a secret or a read-only bind of something in the state repo becomes: a file that is put into
// the container before it starts, because a state repo is no directory of the host.

export type DeliveredFile = {
  /** Absolute path inside the container. A directory of the repo becomes one entry for each file in it. */
  readonly target: string;
  /** Permission bits: 0o444 where nothing else is said. */
  readonly mode: number;
  /** Absent: root. */
  readonly uid?: number;
  readonly gid?: number;
  readonly readOnly: boolean;
  /** The content must never be shown: no log, label, plan, diff, API answer or store. */
  readonly secret: boolean;
  readonly contentBase64: string;
  /**
   * What stands for the content in the spec hash, `contentBase64` being left out of it: `sha256:<64 hex>`, or
   * for a secret `scrypt:<64 hex>`, because a plain hash of a short secret can be guessed.
   */
  readonly contentHash: string;
};

/** Files that are handed over in one call. */
export type FileBatch = {
  /** `/`, or the mount that they lie in: a read-only root file system refuses even what lies in mounts. */
  readonly into: string;
  readonly files: readonly DeliveredFile[];
};
