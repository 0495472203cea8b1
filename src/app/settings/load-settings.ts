import type { SettingEntry } from '#contract/setting-entry.ts';
import { hasErrors, type Problem } from '#domain/problem.ts';
import { InvalidValue } from '#manifest/place.ts';
import { describeReadFault, type FoundSetting, type FoundSettings, type ReadFile } from './found-setting.ts';
import { parseSetting } from './parse-setting.ts';
import { type Environment, readEnvironment } from './read-environment.ts';
import { readFlags } from './read-flags.ts';
import { readSettingsFile } from './read-settings-file.ts';
import type { SettingRow, SettingValue } from './setting-row.ts';
import { type Settings, toSettings } from './settings.ts';
import { SettingsError } from './settings-error.ts';
import { settingsFileVariable, settingsTable } from './settings-table.ts';
import { toEntry } from './to-entry.ts';

export type SettingsInput = {
  /** By setting path. */
  readonly flags: Readonly<Record<string, string>>;
  /** From `--settings`. */
  readonly settingsFile?: string;
  readonly env: Environment;
  /** Rejects as `node:fs/promises` does. */
  readonly readFile: ReadFile;
};

export type LoadedSettings = { readonly settings: Settings; readonly entries: readonly SettingEntry[] };

const defaultFile = '/data/shorefast.yaml';

/**
 * Flag before environment before settings file before default.
 * @throws SettingsError with every problem there is
 */
export async function loadSettings(input: SettingsInput): Promise<LoadedSettings> {
  const parts = [
    await readFile(input),
    await readEnvironment(input.env, input.readFile),
    readFlags(input.flags),
  ];
  const problems = parts.flatMap((part) => part.problems);
  // Of several for one row the last one wins, and the parts stand in rising precedence.
  const winners = new Map(parts.flatMap((part) => part.found).map((found) => [found.row.path, found]));
  const values = new Map<string, SettingValue>();
  for (const row of settingsTable) {
    const value = valueOf(row, winners.get(row.path), problems);
    if (value !== undefined) values.set(row.path, value);
  }
  problems.push(...conflictsIn(winners));
  if (hasErrors(problems)) throw new SettingsError(problems);
  const entries = settingsTable.map((row) =>
    toEntry(row, values.get(row.path), winners.get(row.path)?.source),
  );
  return { settings: toSettings(values), entries };
}

async function readFile({ settingsFile, env, readFile: read }: SettingsInput): Promise<FoundSettings> {
  const named = settingsFile ?? (env[settingsFileVariable] || undefined);
  const file = named ?? defaultFile;
  try {
    return readSettingsFile(file, await read(file));
  } catch (error) {
    const message = describeReadFault(error);
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (named === undefined && isMissing) return { found: [], problems: [] };
    return { found: [], problems: [{ severity: 'error', file, message }] };
  }
}

function valueOf(
  row: SettingRow,
  found: FoundSetting | undefined,
  problems: Problem[],
): SettingValue | undefined {
  const raw = found?.raw ?? row.default;
  if (raw === undefined) return undefined;
  try {
    return parseSetting(row, raw);
  } catch (error) {
    if (!(error instanceof InvalidValue) || found === undefined) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    problems.push({ severity: 'error', ...found.place, message: error.message, ...hint });
    return undefined;
  }
}

/** Settings that exclude one another. */
function conflictsIn(winners: ReadonlyMap<string, FoundSetting>): readonly Problem[] {
  const commit = winners.get('repo.commit');
  if (commit === undefined || !winners.has('repo.tag')) return [];
  return [{ severity: 'error', ...commit.place, message: 'repo.tag is set too: only one of them may be' }];
}
