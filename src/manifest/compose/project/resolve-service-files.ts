// What services take from files beside the model: variables from env files, labels from label files.
import { InvalidValue, type Place } from '../../place.ts';
import { type DotenvFormat, parseDotenv } from '../../text/dotenv.ts';
import type { Lookup } from '../../text/interpolate.ts';
import type { Reading } from '../load/reading.ts';
import type { ComposeEnvFile, ComposeProject, ComposeService } from './compose-project.ts';

/** The project with these values in the services; the lists of files are gone. */
export async function resolveServiceFiles(
  project: ComposeProject,
  reading: Reading,
  place: Place,
): Promise<ComposeProject> {
  const services: Record<string, ComposeService> = {};
  for (const [name, service] of Object.entries(project.services)) {
    const at = place.at('services', name);
    services[name] = await withLabels(await withEnvironment(service, reading, at), reading, at);
  }
  return { ...project, services };
}

/** What the service says itself wins over its env files, later files over earlier ones. */
async function withEnvironment(
  service: ComposeService,
  reading: Reading,
  place: Place,
): Promise<ComposeService> {
  const { env_file: files, environment = {}, ...rest } = service;
  const found = new Map<string, string | null>();
  for (const [index, file] of (files ?? []).entries()) {
    const lookup: Lookup = (name) => found.get(name) ?? reading.variables.get(name);
    const lines = await readEnvFile(file, lookup, reading, place.at('env_file', index));
    for (const [name, value] of lines) found.set(name, value);
  }
  for (const [name, value] of Object.entries(environment)) {
    found.set(name, value ?? reading.variables.get(name) ?? null);
  }
  return found.size === 0 ? rest : { ...rest, environment: Object.fromEntries(found) };
}

async function readEnvFile(
  { path, required, format }: ComposeEnvFile,
  lookup: Lookup,
  reading: Reading,
  place: Place,
): Promise<Iterable<[string, string]>> {
  const result = await reading.readFile(path);
  if (result.kind === 'read') {
    return attemptParse(result.text, lookup, reading.nameFile(path), toFormat(format), place);
  }
  if (result.kind === 'missing' && !required) return [];
  if (result.kind === 'missing') place.error(`env file ${reading.nameFile(path)} not found`);
  else place.error(result.message, result.hint);
  return [];
}

function toFormat(format: string | undefined): DotenvFormat | undefined {
  if (format === undefined) return 'dotenv';
  return format === 'raw' ? 'raw' : undefined;
}

/** Labels are written like variables; none of them is looked up. */
async function withLabels(service: ComposeService, reading: Reading, place: Place): Promise<ComposeService> {
  const { label_file: files, labels = {}, ...rest } = service;
  const found = new Map<string, string>();
  for (const [index, path] of (files ?? []).entries()) {
    const at = place.at('label_file', index);
    const result = await reading.readFile(path);
    if (result.kind === 'read') {
      const lines = attemptParse(
        result.text,
        (name) => found.get(name),
        reading.nameFile(path),
        'dotenv',
        at,
      );
      for (const [name, value] of lines) found.set(name, value);
    } else if (result.kind === 'missing') {
      at.error(`label file ${reading.nameFile(path)} not found`);
    } else {
      at.error(result.message, result.hint);
    }
  }
  for (const [name, value] of Object.entries(labels)) found.set(name, value);
  return found.size === 0 ? rest : { ...rest, labels: Object.fromEntries(found) };
}

function attemptParse(
  text: string,
  lookup: Lookup,
  file: string,
  format: DotenvFormat | undefined,
  place: Place,
): Iterable<[string, string]> {
  const parsed = place.attempt(() => {
    if (format === undefined)
      throw new InvalidValue(`unsupported env file format`, 'the only other format is raw');
    try {
      return parseDotenv(text, lookup, format);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      throw new InvalidValue(`${file}: ${error.message}`, error.hint);
    }
  });
  return parsed ?? [];
}
