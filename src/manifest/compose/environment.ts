import type { AppFiles } from '../app-files.ts';
import type { Place } from '../place.ts';
import type { Lookup } from '../text/interpolate.ts';
import type { RawService } from './compose-document.ts';
import { readEnvFiles } from './env-files.ts';
import { toLabels, toRecord } from './pairs.ts';

/** Env files in order, then `environment`; a name without a value takes it from the app's variables. */
export async function resolveEnvironment(
  raw: RawService,
  lookup: Lookup,
  files: AppFiles,
  place: Place,
): Promise<Record<string, string | null>> {
  const fromFiles = await readEnvFiles(raw.env_file, lookup, files, place.at('env_file'));
  const own = Object.entries(toRecord(raw.environment)).map(
    ([name, value]) => [name, value ?? lookup(name) ?? null] as const,
  );
  for (const [name] of own) if (name === '') place.at('environment').error('a variable has no name');
  return Object.fromEntries([...fromFiles, ...own]);
}

/** Label files in order, then `labels`. Variables are not put into the files. */
export async function resolveLabels(
  raw: RawService,
  files: AppFiles,
  place: Place,
): Promise<Record<string, string>> {
  const fromFiles = await readEnvFiles(raw.label_file, () => undefined, files, place.at('label_file'));
  return { ...Object.fromEntries(fromFiles), ...toLabels(raw.labels) };
}
