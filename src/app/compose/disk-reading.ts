// A Compose project on this machine, read as `docker compose` reads it when it is started in a directory.
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ComposeOptions } from '#cli/cli-actions.ts';
import { hasErrors, type Problem } from '#domain/problem.ts';
import { type LayerFile } from '#manifest/compose/load/load-layers.ts';
import { readDocuments } from '#manifest/compose/load/read-layer.ts';
import type { Reading, Variables } from '#manifest/compose/load/reading.ts';
import { Unreadable } from '#manifest/compose/load/unreadable.ts';
import { resolveProjectName } from '#manifest/compose/project-name.ts';
import { type ReadProject, readProject } from '#manifest/compose/read-project.ts';
import { defaultManifestLimits } from '#manifest/manifest-limits.ts';
import { fileProblem, InvalidValue } from '#manifest/place.ts';
import { Failure } from '#ports/failure.ts';
import { nameBelow, readDiskFile } from './disk-files.ts';
import { findComposeFiles } from './find-compose-files.ts';
import { readVariables } from './read-variables.ts';

const maxDocuments = 100;

export type DiskProject = {
  readonly result: ReadProject;
  readonly problems: readonly Problem[];
  readonly reading: Reading;
  /** Absolute, in the order in which they are laid over each other. */
  readonly files: readonly string[];
  /** Absolute; only those that were asked for, which `.env` is not. */
  readonly envFiles: readonly string[];
};

/** @throws Failure DIRECTORY_NOT_FOUND, COMPOSE_FILE_NOT_FOUND */
export async function readDiskProject(options: ComposeOptions, shellHome?: string): Promise<DiskProject> {
  const { files, envFiles, reading } = await openDiskReading(options, shellHome);
  const { problems } = reading;
  const layers = hasErrors(problems) ? undefined : await readLayers(files, reading);
  const named = layers && nameProject(options, layers, reading);
  const result: ReadProject =
    layers === undefined || named === undefined ? { kind: 'invalid' } : await readProject(layers, named);
  return { result, problems, reading: named ?? reading, files, envFiles };
}

type Opened = Pick<DiskProject, 'files' | 'envFiles' | 'reading'>;

async function openDiskReading(options: ComposeOptions, shellHome: string | undefined): Promise<Opened> {
  const directory = await resolveDirectory(options.directory);
  const own: Variables = new Map([['PWD', directory], ...Object.entries(options.variables)]);
  const envFiles = listEnvFiles(options.envFiles, own).map((file) => resolve(directory, file));
  const problems: Problem[] = [];
  const readFile = (path: string) =>
    readDiskFile(resolve(directory, path), defaultManifestLimits.maxFileBytes);
  const nameFile = (path: string) => nameBelow(directory, resolve(directory, path));
  const readAll = (place: string, variables: Variables) =>
    readVariables({ directory: place, envFiles, variables, readFile, nameFile }, problems);

  const given = options.files.map((file) => resolve(directory, file));
  // `.env` stands beside the first file. Where no file is given, it may name them.
  const first = given[0] === undefined ? directory : dirname(given[0]);
  const found = await readAll(first, own);
  const { files, warnings } =
    given.length > 0 ? { files: given, warnings: [] } : await findComposeFiles(directory, found);
  for (const message of warnings) {
    problems.push({ ...fileProblem(nameFile(files[0] ?? directory), message), severity: 'warning' });
  }
  const workingDirectory = dirname(files[0] ?? directory);
  const isElsewhere = workingDirectory !== first && envFiles.length === 0;
  const variables = isElsewhere ? await readAll(workingDirectory, found) : found;
  const reading = {
    workingDirectory,
    home: variables.get('HOME') ?? shellHome,
    readFile,
    nameFile,
    variables,
    projectName: '',
    profiles: listProfiles(options.profiles, variables),
    maxDocuments,
    limits: defaultManifestLimits,
    problems,
  };
  return { files, envFiles, reading };
}

/** @throws Failure DIRECTORY_NOT_FOUND */
async function resolveDirectory(path: string): Promise<string> {
  const directory = resolve(path);
  const facts = await stat(directory).catch(() => undefined);
  if (facts?.isDirectory() === true) return directory;
  throw new Failure('DIRECTORY_NOT_FOUND', `${directory} is not a directory`, { reaction: 'stall' });
}

function listEnvFiles(given: readonly string[], variables: Variables): readonly string[] {
  if (given.length > 0) return given;
  return (variables.get('COMPOSE_ENV_FILES') ?? '').split(',').filter((file) => file !== '');
}

function listProfiles(given: readonly string[], variables: Variables): readonly string[] {
  if (given.length > 0) return given;
  return (variables.get('COMPOSE_PROFILES') ?? '').split(',').map((profile) => profile.trim());
}

/** Read before anything else, because a name in them is a variable for all of them. */
async function readLayers(
  files: readonly string[],
  reading: Reading,
): Promise<readonly LayerFile[] | undefined> {
  const layers: LayerFile[] = [];
  for (const path of files) {
    try {
      layers.push({ path, documents: await readDocuments(path, reading) });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  return hasErrors(reading.problems) ? undefined : layers;
}

function nameProject(
  { project }: ComposeOptions,
  layers: readonly LayerFile[],
  reading: Reading,
): Reading | undefined {
  const documents = layers.flatMap((layer) => (typeof layer === 'string' ? [] : layer.documents));
  const { variables, problems, workingDirectory: directory } = reading;
  try {
    const projectName = resolveProjectName({ given: project, variables, documents, directory }, problems);
    if (hasErrors(problems)) return undefined;
    const named = new Map([...variables, ['COMPOSE_PROJECT_NAME', projectName] as const]);
    return { ...reading, projectName, variables: named };
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    problems.push(fileProblem(reading.nameFile(directory), error.message, error.hint));
    return undefined;
  }
}
