import type { AppDependency, DesiredApp } from '#domain/desired.ts';
import { hasErrors, type Problem } from '#domain/problem.ts';
import { type AppFiles, createAppFiles } from './app-files.ts';
import type { LayerFile } from './compose/load/load-layers.ts';
import { declareProject } from './declare-project.ts';
import type { AppDocument } from './documents.ts';
import { appFileName, composeFileNames, type FoundApp, overrideFileNames } from './find-apps.ts';
import type { LoadContext } from './load-context.ts';
import { loadStacks } from './load-stacks.ts';
import type { ManifestLimits } from './manifest-limits.ts';
import { fileProblem, problemAt } from './place.ts';
import { readDocument } from './read-document.ts';
import type { SourceDocument } from './yaml/source-document.ts';

const namePattern = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** One app with its stacks, or with what is wrong with it. */
export async function loadApp(found: FoundApp, context: LoadContext): Promise<DesiredApp> {
  const { directory } = found;
  const files = createAppFiles(context.tree, directory, context.limits.maxFileBytes);
  const problems: Problem[] = findSubmodules(found);
  const { app, compose } = await readDocuments(found, files, context.limits, problems);
  const name = (app?.value as AppDocument | undefined)?.metadata?.name ?? found.name;
  if (!namePattern.test(name)) problems.push(badName(directory, name));
  if (hasErrors(problems)) return { name, directory, stacks: [], problems: unique(problems) };

  const declared = declareProject(name, { app, compose: compose.map(({ layer }) => layer) }, problems);
  const file = declared?.form === 'compose' ? compose[0]?.file : app?.file;
  const declaredApp = { name, directory, file: file ?? directory, app, files, problems };
  const stacks = declared === undefined ? [] : await loadStacks({ ...declaredApp, declared }, context);
  const dependsOn = app === undefined ? [] : listAppDependencies(app);
  return {
    name,
    directory,
    stacks: hasErrors(problems) ? [] : stacks,
    problems: unique(problems),
    ...(dependsOn.length > 0 && { dependsOn }),
  };
}

function listAppDependencies(app: SourceDocument): readonly AppDependency[] {
  const names = (app.value as AppDocument).spec?.dependsOn ?? [];
  return names.map((name, index) => {
    const { file, line, column, excerpt, path } = problemAt(app, ['spec', 'dependsOn', index], {
      severity: 'error',
      message: '',
    });
    const at = line === undefined || column === undefined ? {} : { line, column };
    return {
      app: name,
      declaredAt: {
        file,
        ...at,
        ...(excerpt !== undefined && { excerpt }),
        ...(path !== undefined && { path }),
      },
    };
  });
}

type ComposeLayer = { readonly file: string; readonly layer: LayerFile };
type Documents = { readonly app: SourceDocument | undefined; readonly compose: readonly ComposeLayer[] };

async function readDocuments(
  found: FoundApp,
  files: AppFiles,
  limits: ManifestLimits,
  problems: Problem[],
): Promise<Documents> {
  const { directory } = found;
  const names = found.entries.map((entry) => entry.name);
  const [main, ...others] = composeFileNames.filter((name) => names.includes(name));
  const [override, ...otherOverrides] = overrideFileNames.filter((name) => names.includes(name));
  for (const name of [...others, ...otherOverrides, ...(main === undefined ? [override] : [])]) {
    if (name === undefined) continue;
    const problem = fileProblem(`${directory}/${name}`, 'this file is not read');
    problems.push({ ...problem, severity: 'warning' });
  }
  const compose = main === undefined ? [] : [main, ...(override === undefined ? [] : [override])];
  return {
    app: names.includes(appFileName) ? await readAppFile(directory, files, limits, problems) : undefined,
    compose: compose.map((name) => ({ file: `${directory}/${name}`, layer: name })),
  };
}

async function readAppFile(
  directory: string,
  files: AppFiles,
  limits: ManifestLimits,
  problems: Problem[],
): Promise<SourceDocument | undefined> {
  const file = `${directory}/${appFileName}`;
  const read = await readDocument(files, appFileName, { file, schema: 'app', limits });
  if (read.kind === 'read') return read.document;
  problems.push(...read.problems);
  return undefined;
}

function findSubmodules({ entries }: FoundApp): Problem[] {
  return entries
    .filter(({ kind }) => kind === 'submodule')
    .map(({ path }) => fileProblem(path, 'a Git submodule is not fetched', 'commit its files themselves'));
}

function badName(directory: string, name: string): Problem {
  return fileProblem(
    directory,
    `"${name}" cannot name an app: expected at most 63 small letters, digits, dashes and underscores`,
    'rename the directory, or set metadata.name in app.yaml',
  );
}

const maxProblems = 100;

/**
 * Each stage tells what is wrong with the parts they share, and one fault in a value leads to others in the
 * same value: of several problems at one place, the first is the cause.
 */
function unique(problems: readonly Problem[]): readonly Problem[] {
  const byPlace = new Map<string, Problem>();
  for (const problem of problems) {
    const { severity, file, line, column, path, message } = problem;
    const key = JSON.stringify([severity, file, line, column, path, line === undefined && message]);
    if (!byPlace.has(key)) byPlace.set(key, problem);
  }
  return [...byPlace.values()].sort(compareProblems).slice(0, maxProblems);
}

function compareProblems(a: Problem, b: Problem): number {
  if (a.severity !== b.severity) return a.severity === 'error' ? -1 : 1;
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
