import { formatProblem, type Problem } from '#domain/problem.ts';
import type { Reading } from '#manifest/compose/load/reading.ts';
import { type ReadProject, readProject } from '#manifest/compose/read-project.ts';
import { defaultManifestLimits } from '#manifest/manifest-limits.ts';

export type MemoryFiles = Readonly<Record<string, string>>;

/** A project of literal files in `/p`, with `compose.yaml` on top. */
export function createMemoryReading(files: MemoryFiles, changes: Partial<Reading> = {}): Reading {
  return {
    workingDirectory: '/p',
    home: '/home/u',
    readFile: async (path) => {
      const name = path.replace('/p/', '');
      const text = Object.hasOwn(files, name) ? files[name] : undefined;
      return text === undefined ? { kind: 'missing' } : { kind: 'read', text };
    },
    nameFile: (path) => path.replace('/p/', ''),
    variables: new Map(),
    projectName: 'p',
    profiles: [],
    maxDocuments: 10,
    limits: defaultManifestLimits,
    problems: [],
    ...changes,
  };
}

export type MemoryProject = { readonly result: ReadProject; readonly problems: readonly Problem[] };

export async function readMemoryProject(
  files: MemoryFiles,
  changes: Partial<Reading> = {},
): Promise<MemoryProject> {
  const reading = createMemoryReading(files, changes);
  const paths = ['compose.yaml', 'compose.override.yaml'].filter((name) => Object.hasOwn(files, name));
  const result = await readProject(
    paths.map((name) => `/p/${name}`),
    reading,
  );
  return { result, problems: reading.problems };
}

/** Printed, with where each stands. */
export function formatAll(problems: readonly Problem[]): string {
  return problems.map((problem) => `${problem.severity} ${formatProblem(problem)}`).join('\n');
}
