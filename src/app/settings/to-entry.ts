import type { SettingEntry } from '#contract/setting-entry.ts';
import type { MapEntries, SettingRow, SettingValue } from './setting-row.ts';

const mask = '***';

/** How an effective setting is shown: as one would write it, secrets masked. */
export function toEntry(
  row: SettingRow,
  value: SettingValue | undefined,
  source: SettingEntry['source'] = { kind: 'default' },
): SettingEntry {
  return {
    path: row.path,
    value: value === undefined ? null : showValue(row, value),
    source,
    secret: row.secret === true,
    description: row.description,
  };
}

function showValue(row: SettingRow, value: SettingValue): Exclude<SettingEntry['value'], null> {
  if (row.type === 'map') return maskFields(row, value as MapEntries);
  if (row.secret === true) return mask;
  if (row.type === 'duration') return formatDuration(Number(value));
  if (row.type === 'bytes') return formatBytes(Number(value));
  if (typeof value === 'string') return withoutCredentials(value);
  return value as Exclude<SettingValue, MapEntries>;
}

function maskFields({ fields = {} }: SettingRow, entries: MapEntries): MapEntries {
  const maskEntry = (entry: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(entry).map(([name, text]) => [name, fields[name]?.secret === true ? mask : text]),
    );
  return Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, maskEntry(entry)]));
}

/** People do write passwords into the address of a repo. */
function withoutCredentials(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, `$1${mask}@`);
}

function formatDuration(ms: number): string {
  const units = [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const;
  const [unit, size] = units.find(([, each]) => ms >= each && ms % each === 0) ?? (['ms', 1] as const);
  return `${ms / size}${unit}`;
}

function formatBytes(bytes: number): string {
  const units = [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const;
  const [unit, size] = units.find(([, each]) => bytes >= each && bytes % each === 0) ?? (['', 1] as const);
  return `${bytes / size}${unit}`;
}
