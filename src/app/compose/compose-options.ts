/** A Compose project on disk, as `docker compose` would be told of it. */
export type ComposeOptions = {
  /** Where Compose would be started. */
  readonly directory: string;
  readonly project?: string;
  /** Empty: found by their usual names. */
  readonly files: readonly string[];
  readonly profiles: readonly string[];
  /** Empty: `.env`. */
  readonly envFiles: readonly string[];
  /** All variables of Compose's process; the environment of ours is not looked at. */
  readonly variables: Readonly<Record<string, string>>;
};
