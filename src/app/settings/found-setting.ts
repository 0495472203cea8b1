import type { SettingEntry } from '#contract/setting-entry.ts';
import type { Problem } from '#domain/problem.ts';
import type { RawSetting } from './parse-setting.ts';
import type { SettingRow } from './setting-row.ts';

/** A setting that was given somewhere, not yet read as its type. */
export type FoundSetting = {
  readonly row: SettingRow;
  readonly raw: RawSetting;
  readonly source: SettingEntry['source'];
  /** Where to point if it is wrong. */
  readonly place: Pick<Problem, 'file' | 'line' | 'column' | 'path'>;
};

export type FoundSettings = {
  readonly found: readonly FoundSetting[];
  readonly problems: readonly Problem[];
};

export type ReadFile = (path: string) => Promise<string>;

/** Why a file cannot be read, in words that carry none of its content. */
export function describeReadFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'the file may not be read by this user';
  return `the file cannot be read (${typeof code === 'string' ? code : 'unknown reason'})`;
}
