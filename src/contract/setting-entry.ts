/** One effective setting, as `shorefast settings` prints it. */
export type SettingEntry = {
  /** `repo.url` */
  readonly path: string;
  /** As it would be written in the settings file, secrets as `***`; null when it is not set. */
  readonly value: string | number | boolean | readonly string[] | Readonly<Record<string, object>> | null;
  readonly source: {
    readonly kind: 'flag' | 'environment' | 'file' | 'default';
    /** The flag, the variable, or `file:line`. */
    readonly name?: string;
  };
  readonly secret: boolean;
  readonly description: string;
};
