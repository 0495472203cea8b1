// The recorded Compose projects, read as `shorefast compose config` reads them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type DiskProject, readDiskProject } from '#app/compose/disk-reading.ts';
import { publicCases } from './compose-public-cases.ts';

const roots = [
  join(import.meta.dirname, '../compose-cases'),
  // Of public repositories, not copied here.
  resolve(import.meta.dirname, '../../../shared/compose-cases'),
];

export type RecordedRequest = {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
};

const home = '/home/somebody';

export type ConfigCase = {
  readonly name: string;
  readonly directory: string;
  readonly outcome: string;
  readonly project: string;
  readonly files: readonly string[] | null;
  readonly profiles: readonly string[];
  readonly envfiles: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/** Cases with a recorded answer of `docker compose config`, in name order. */
export function listConfigCases(): readonly ConfigCase[] {
  return listProjects().filter(
    ({ outcome, directory }) => outcome === 'refused by config' || existsSync(join(directory, 'config.json')),
  );
}

/** All of them, in name order. */
export function listProjects(): readonly ConfigCase[] {
  const names = [...new Set(roots.flatMap(listCases))].sort();
  return names.map((name) => {
    const directory = roots.map((root) => join(root, name)).find((each) => existsSync(each)) ?? '';
    return { ...readJson<ConfigCase>(join(directory, 'source.json')), name, directory };
  });
}

/** What Compose sent to an engine of that API; undefined where it sent nothing. */
export function readRecordedRequests(
  { directory }: ConfigCase,
  apiVersion: string,
): readonly RecordedRequest[] | undefined {
  const file = join(directory, `engine-${apiVersion}.json`);
  if (!existsSync(file)) return undefined;
  return JSON.parse(place(readFileSync(file, 'utf8'), directory)) as readonly RecordedRequest[];
}

/** Whether Compose itself stopped, having been told the engine's version. */
export function isRefused({ directory }: ConfigCase, apiVersion: string): boolean {
  const file = join(directory, 'error.txt');
  return existsSync(file) && readFileSync(file, 'utf8').includes(`engine ${apiVersion}\n`);
}

/** Of public repositories, where they are not at hand. */
export function listAbsentCases(): readonly string[] {
  return publicCases.filter((name) => !roots.some((root) => existsSync(join(root, name))));
}

function listCases(root: string): readonly string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root).filter((name) => existsSync(join(root, name, 'source.json')));
}

export function readConfigCase({ directory, ...run }: ConfigCase): Promise<DiskProject> {
  return readDiskProject({
    directory,
    project: run.project,
    files: run.files ?? [],
    profiles: run.profiles,
    envFiles: run.envfiles,
    variables: { ...run.env, HOME: home, PWD: directory },
  });
}

/** What Compose printed, with the places of this machine. */
export function readRecordedConfig({ directory }: ConfigCase): unknown {
  return JSON.parse(place(readFileSync(join(directory, 'config.json'), 'utf8'), directory));
}

/** What Compose said when it refused. */
export function readRecordedError({ directory }: ConfigCase): string {
  return place(readFileSync(join(directory, 'error.txt'), 'utf8'), directory);
}

export function readRecordedWarnings({ directory }: ConfigCase): readonly string[] {
  const path = join(directory, 'warnings.txt');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => place(/msg="(.*)"$/.exec(line)?.[1] ?? line, directory).replaceAll('\\"', '"'));
}

function place(text: string, directory: string): string {
  const places: Readonly<Record<string, string>> = {
    'CASE}/..': dirname(directory),
    'CASE}': directory,
    'HOME}': home,
  };
  return text.replace(/(?<!\$)\$\{(CASE\}\/\.\.|CASE\}|HOME\})/g, (_, name: string) => places[name] ?? '');
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
