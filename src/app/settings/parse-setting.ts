import { InvalidValue } from '#manifest/place.ts';
import { parseDuration } from '#manifest/text/duration.ts';
import { parseMemorySize } from '#manifest/text/memory-size.ts';
import type { MapEntries, SettingRow, SettingValue } from './setting-row.ts';

/** As found: text from a flag, a variable or a YAML scalar; a list or a map from YAML. */
export type RawSetting = string | readonly string[] | Readonly<Record<string, unknown>>;

/**
 * The value that a row's type makes of it. The message never repeats what was found where that may be secret.
 * @throws InvalidValue
 */
export function parseSetting(row: SettingRow, raw: RawSetting): SettingValue {
  if (row.type === 'list') return checkItems(row, parseList(raw));
  if (row.type === 'map') return parseMap(row, raw);
  if (typeof raw !== 'string') throw new InvalidValue(`expected a ${row.type}, found a list or a map`);
  switch (row.type) {
    case 'string':
      return checkChoice(row, raw);
    case 'boolean':
      return parseBoolean(raw);
    case 'integer':
      return checkBounds(row, parseInteger(raw), raw);
    case 'duration':
      return checkBounds(row, parseDuration(raw), raw);
    case 'bytes':
      return checkBounds(row, parseMemorySize(raw), raw);
  }
}

function checkChoice(row: SettingRow, text: string): string {
  if (row.choices === undefined || row.choices.includes(text)) return text;
  throw new InvalidValue(`expected one of ${row.choices.join(', ')}, found "${text}"`);
}

function parseBoolean(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new InvalidValue(`expected true or false, found "${text}"`);
}

function parseInteger(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new InvalidValue(`expected an integer, found "${text}"`);
  return Number(text);
}

function checkBounds(
  { type, min = 0, max = Number.MAX_SAFE_INTEGER }: SettingRow,
  value: number,
  text: string,
) {
  if (value >= min && value <= max) return value;
  const unit = { duration: ' ms', bytes: ' bytes' }[type as string] ?? '';
  throw new InvalidValue(`expected ${min} to ${max}${unit}, found ${text}`);
}

/** `a,b` or a JSON list. */
function parseList(raw: RawSetting): readonly string[] {
  if (Array.isArray(raw)) return raw;
  if (typeof raw !== 'string') throw new InvalidValue('expected a list, found a map');
  if (!raw.trimStart().startsWith('[')) return raw.split(',').map((item) => item.trim());
  const list = parseJson(raw, 'a list');
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  throw new InvalidValue('expected a list of texts');
}

function checkItems({ itemPrefix = '' }: SettingRow, items: readonly string[]): readonly string[] {
  const wrong = items.find((item) => item === '' || !item.startsWith(itemPrefix));
  if (wrong === undefined) return items;
  throw new InvalidValue(
    wrong === '' ? 'an item is empty' : `expected items that start with "${itemPrefix}", found "${wrong}"`,
  );
}

function parseMap({ fields = {} }: SettingRow, raw: RawSetting): MapEntries {
  const map: unknown = typeof raw === 'string' ? parseJson(raw, 'an object') : raw;
  if (!isObject(map)) throw new InvalidValue('expected a map');
  const known = Object.keys(fields);
  const entries = Object.entries(map).map(([key, entry]) => {
    if (!isObject(entry)) throw new InvalidValue(`${key}: expected a map with ${known.join(', ')}`);
    const unknown = Object.keys(entry).find((field) => !known.includes(field));
    if (unknown !== undefined) {
      throw new InvalidValue(`${key}: unknown field "${unknown}", known are ${known.join(', ')}`);
    }
    const wrong = Object.keys(entry).find((field) => typeof entry[field] !== 'string');
    if (wrong !== undefined) throw new InvalidValue(`${key}: ${wrong}: expected a text`);
    return [key, entry as Record<string, string>] as const;
  });
  return Object.fromEntries(entries);
}

/** JSON.parse quotes the text in its message, and the text may hold credentials. */
function parseJson(text: string, wanted: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidValue(`expected ${wanted} in JSON`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
