import type { Problem } from '#domain/problem.ts';
import { findNearestName } from '#manifest/schema/nearest-name.ts';
import type { FoundSetting, FoundSettings } from './found-setting.ts';
import type { SettingRow } from './setting-row.ts';
import { settingsTable } from './settings-table.ts';

/** Flags by setting path: `{ 'repo.url': '…' }`. */
export function readFlags(flags: Readonly<Record<string, string>>): FoundSettings {
  const found: FoundSetting[] = [];
  const problems: Problem[] = [];
  for (const [path, raw] of Object.entries(flags)) {
    const row = settingsTable.find((each: SettingRow) => each.path === path);
    const place = { file: 'command line', path };
    if (row === undefined) problems.push({ severity: 'error', ...place, ...unknownSetting(path) });
    else found.push({ row, raw, source: { kind: 'flag', name: path }, place });
  }
  return { found, problems };
}

export function unknownSetting(path: string): Pick<Problem, 'message' | 'hint'> {
  const message = 'there is no such setting';
  const nearest = findNearestName(path, knownPaths());
  return nearest === undefined ? { message } : { message, hint: `did you mean ${nearest}?` };
}

/** Of settings and of the groups they stand in. */
function knownPaths(): readonly string[] {
  const paths = settingsTable.map((row) => row.path);
  return [...new Set([...paths, ...paths.map((path) => path.split('.')[0] ?? path)])];
}
