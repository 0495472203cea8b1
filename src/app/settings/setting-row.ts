/** What a value in the table is read as; a duration is kept in milliseconds, a size in bytes. */
type SettingType = 'string' | 'integer' | 'boolean' | 'duration' | 'bytes' | 'list' | 'map';

export type SettingRow = {
  /** `repo.maxPackBytes`; in the environment SHOREFAST_REPO__MAX_PACK_BYTES. */
  readonly path: string;
  readonly type: SettingType;
  readonly description: string;
  /** As one would write it in the settings file. Absent: there is none. */
  readonly default?: string | readonly string[] | Readonly<Record<string, never>>;
  /** Masked wherever it is printed. */
  readonly secret?: true;
  /** The only texts allowed. */
  readonly choices?: readonly string[];
  /** Bounds of an integer, of a duration in milliseconds, of a size in bytes. */
  readonly min?: number;
  readonly max?: number;
  /** Every item of a list starts with it. */
  readonly itemPrefix?: string;
  /** What an entry of a map consists of. */
  readonly fields?: Readonly<Record<string, { readonly description: string; readonly secret?: true }>>;
  /** A variable of others that is looked at before the default. */
  readonly fallbackVariable?: string;
};

export type MapEntries = Readonly<Record<string, Readonly<Record<string, string>>>>;
export type SettingValue = string | number | boolean | readonly string[] | MapEntries;

/** `repo.maxPackBytes` → `SHOREFAST_REPO__MAX_PACK_BYTES` */
export function toVariable(path: string): string {
  const levels = path.split('.').map((level) => level.replace(/[A-Z]/g, '_$&').toUpperCase());
  return `SHOREFAST_${levels.join('__')}`;
}
