// What services take from files beside the model: variables from env files, labels from label files.
import type { Place } from '../../place.ts';
import type { DotenvFormat } from '../../text/dotenv.ts';
import type { Lookup } from '../../text/interpolate.ts';
import { parseEnvText } from '../load/env-text.ts';
import type { Reading } from '../load/reading.ts';
import { byName } from './by-name.ts';
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
  const { env_file: files = [], environment = {}, ...rest } = service;
  const own = new Map(
    Object.entries(environment).map(([name, value]) => [name, value ?? reading.variables.get(name) ?? null]),
  );
  const lookup: Lookup = (name) => reading.variables.get(name) ?? own.get(name) ?? undefined;
  const found = new Map<string, string>();
  for (const [index, file] of files.entries()) {
    const text = await readEnvFile(file, reading, place.at('env_file', index));
    if (text === undefined) continue;
    const format = toFormat(file, place.at('env_file', index, 'format'));
    const input = { text, file: reading.nameFile(file.path), lookup, format, earlier: found };
    for (const [name, value] of parseEnvText(input, reading.problems)) found.set(name, value);
  }
  const merged = new Map<string, string | null>([...found, ...own]);
  return merged.size === 0 ? rest : { ...rest, environment: byName(merged) };
}

async function readEnvFile(
  { path, required }: ComposeEnvFile,
  reading: Reading,
  place: Place,
): Promise<string | undefined> {
  const result = await reading.readFile(path);
  if (result.kind === 'read') return result.text;
  if (result.kind === 'refused') place.error(result.message, result.hint);
  else if (required) place.error(`env file ${reading.nameFile(path)} not found`);
  return undefined;
}

function toFormat({ format = 'dotenv' }: ComposeEnvFile, place: Place): DotenvFormat {
  if (format === 'raw') return 'raw';
  if (format !== 'dotenv') {
    place.error(`unsupported env_file format "${format}"`, 'the only other one is raw');
  }
  return 'dotenv';
}

/** Labels are written like variables, and see none. */
async function withLabels(service: ComposeService, reading: Reading, place: Place): Promise<ComposeService> {
  const { label_file: files = [], labels = {}, ...rest } = service;
  const found = new Map<string, string>();
  for (const [index, path] of files.entries()) {
    const at = place.at('label_file', index);
    const result = await reading.readFile(path);
    if (result.kind === 'read') {
      const input = {
        text: result.text,
        file: reading.nameFile(path),
        lookup: (name: string) => found.get(name),
      };
      for (const [name, value] of parseEnvText(input, reading.problems)) found.set(name, value);
    } else if (result.kind === 'missing') {
      at.error(`label file ${reading.nameFile(path)} not found`);
    } else {
      at.error(result.message, result.hint);
    }
  }
  const merged = new Map([...found, ...Object.entries(labels)]);
  return merged.size === 0 ? rest : { ...rest, labels: byName(merged) };
}
