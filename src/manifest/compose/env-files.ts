import type { AppFiles } from '../app-files.ts';
import { InvalidValue, type Place } from '../place.ts';
import { type DotenvFormat, parseDotenv } from '../text/dotenv.ts';
import type { Lookup } from '../text/interpolate.ts';
import { parseBoolean } from '../text/parse-typed.ts';
import type { RawEnvFile, RawService } from './compose-document.ts';

/** The lines of all files; later ones win, and see the earlier ones. `place` is that of the list. */
export async function readEnvFiles(
  raw: RawService['env_file'],
  lookup: Lookup,
  files: AppFiles,
  place: Place,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const [index, entry] of listEnvFiles(raw).entries()) {
    const at = typeof raw === 'string' ? place : place.at(index);
    const text = await readEnvFile(entry, files, at);
    const resolve: Lookup = (name) => values.get(name) ?? lookup(name);
    for (const [name, value] of parseEnvFile(entry, text, resolve, at)) values.set(name, value);
  }
  return values;
}

function listEnvFiles(raw: RawService['env_file']): readonly RawEnvFile[] {
  if (raw === undefined) return [];
  if (typeof raw === 'string') return [{ path: raw }];
  return raw.map((entry) => (typeof entry === 'string' ? { path: entry } : entry));
}

async function readEnvFile(entry: RawEnvFile, files: AppFiles, place: Place): Promise<string> {
  const required = place.attempt(() => parseBoolean(entry.required ?? true)) ?? true;
  const result = await files.read(entry.path);
  if (result.kind === 'read') return result.text;
  if (result.kind === 'missing' && !required) return '';
  place.error(
    result.kind === 'missing' ? `there is no file "${entry.path}" in the app's directory` : result.message,
    result.kind === 'refused' ? result.hint : undefined,
  );
  return '';
}

function parseEnvFile(
  entry: RawEnvFile,
  text: string,
  lookup: Lookup,
  place: Place,
): Iterable<[string, string]> {
  const parsed = place.attempt(() => {
    try {
      return parseDotenv(text, lookup, toFormat(entry.format));
    } catch (error) {
      if (error instanceof InvalidValue) {
        throw new InvalidValue(`${entry.path}: ${error.message}`, error.hint);
      }
      throw error;
    }
  });
  return parsed ?? [];
}

function toFormat(format: string | undefined): DotenvFormat {
  if (format === undefined || format === '') return 'dotenv';
  if (format === 'raw') return 'raw';
  throw new InvalidValue(`expected the format raw, found "${format}"`);
}
