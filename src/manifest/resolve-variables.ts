import type { AppFiles } from './app-files.ts';
import type { Variables } from './documents.ts';
import { InvalidValue } from './place.ts';
import { parseDotenv } from './text/dotenv.ts';
import { formatScalar } from './text/format-scalar.ts';
import type { Lookup } from './text/interpolate.ts';

export type VariableSources = {
  /** Later ones win: the fleet's, the app's, the stage's. */
  readonly layers: readonly Variables[];
  /** Win over all. */
  readonly fixed: Readonly<Record<string, string | undefined>>;
  readonly files: AppFiles;
  readonly onProblem: (message: string, hint?: string) => void;
};

/** What `${…}` can see. The daemon's own environment never is part of it. */
export async function resolveVariables(sources: VariableSources): Promise<ReadonlyMap<string, string>> {
  const declared = new Map<string, string>();
  for (const layer of sources.layers) {
    for (const [name, value] of Object.entries(layer)) declared.set(name, formatScalar(value));
  }
  for (const [name, value] of Object.entries(sources.fixed)) {
    if (value !== undefined) declared.set(name, value);
  }
  const fromDotenv = await readDotenv(sources, (name) => declared.get(name));
  return new Map([...fromDotenv, ...declared]);
}

async function readDotenv(
  { files, onProblem }: VariableSources,
  lookup: Lookup,
): Promise<ReadonlyMap<string, string>> {
  const result = await files.read('.env');
  if (result.kind === 'refused') onProblem(result.message, result.hint);
  if (result.kind !== 'read') return new Map();
  try {
    return parseDotenv(result.text, lookup);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    onProblem(error.message, error.hint);
    return new Map();
  }
}
