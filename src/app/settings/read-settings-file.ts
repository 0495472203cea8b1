import { isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import type { Problem } from '#domain/problem.ts';
import type { FoundSetting, FoundSettings } from './found-setting.ts';
import type { RawSetting } from './parse-setting.ts';
import { unknownSetting } from './read-flags.ts';
import type { SettingRow } from './setting-row.ts';
import { settingsTable } from './settings-table.ts';

/** Settings from YAML text. No problem shows a source line: it may hold a password. */
export function readSettingsFile(file: string, text: string): FoundSettings {
  const lines = new LineCounter();
  const found: FoundSetting[] = [];
  const problems: Problem[] = [];
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });

  const placeOf = (node: unknown, path?: string) => {
    const { line, col } = lines.linePos((node as { range?: [number] } | null)?.range?.[0] ?? 0);
    return { file, line, column: col, ...(path !== undefined && { path }) };
  };

  function report(node: unknown, path: string, fault: Pick<Problem, 'message' | 'hint'>): void {
    problems.push({ severity: 'error', ...placeOf(node, path), ...fault });
  }

  function readGroup(group: YAMLMap, above: string): void {
    for (const { key, value } of group.items) {
      const path = above + (isScalar(key) ? String(key.value) : '?');
      const row = settingsTable.find((each: SettingRow) => each.path === path);
      if (row !== undefined) readSetting(row, value, placeOf(value ?? key, path));
      else if (!isGroup(path)) report(key, path, unknownSetting(path));
      else if (isMap(value)) readGroup(value, `${path}.`);
      else if (!isEmpty(value)) report(value, path, { message: 'expected a map of settings' });
    }
  }

  function readSetting(row: SettingRow, value: unknown, place: FoundSetting['place']): void {
    if (isEmpty(value)) return;
    const raw = toRaw(value);
    if (raw === undefined) {
      problems.push({ severity: 'error', ...place, message: `expected a ${row.type}` });
    } else {
      found.push({ row, raw, source: { kind: 'file', name: `${file}:${place.line}` }, place });
    }
  }

  for (const error of [...document.errors, ...document.warnings]) {
    const { line, col } = lines.linePos(error.pos[0]);
    problems.push({ severity: 'error', file, line, column: col, message: `not valid YAML (${error.code})` });
  }
  if (problems.length > 0) return { found, problems };
  const { contents } = document;
  if (isMap(contents)) readGroup(contents, '');
  else if (!isEmpty(contents)) report(contents, '', { message: 'expected a map of settings' });
  return { found, problems };
}

function isGroup(path: string): boolean {
  return settingsTable.some((row) => row.path.startsWith(`${path}.`));
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

/** Text as it was written: a tag `1.10` or a password `0123` must not become a number. */
function toRaw(node: unknown): RawSetting | undefined {
  if (isScalar(node)) return node.source ?? String(node.value);
  if (isSeq(node)) {
    const items = node.items.map(toRaw);
    return items.every((item) => typeof item === 'string') ? items : undefined;
  }
  if (!isMap(node)) return undefined;
  const entries = node.items.map(({ key, value }) => [isScalar(key) ? String(key.value) : '', toRaw(value)]);
  return entries.some(([key, value]) => key === '' || value === undefined)
    ? undefined
    : Object.fromEntries(entries);
}
