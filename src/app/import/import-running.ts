// Running containers as apps: what an inspect tells, less what the image gives by itself. Best effort: an engine
// does not remember everything that was written, so what cannot be told is said.
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ImportRunningOptions } from '#cli/cli-actions.ts';
import type { ImportView } from '#contract/import-view.ts';
import { composeLabels, ownerLabel } from '#domain/labels.ts';
import type { ObservedContainer, ObservedHost } from '#domain/observed.ts';
import type { Engine } from '#ports/engine.ts';
import { Failure } from '#ports/failure.ts';
import { buildEngine } from '../build-engine.ts';
import type { Settings } from '../settings/settings.ts';
import { formatAppFile, formatEnvExample, type ImportedApp, toBytes } from './imported-app.ts';
import { type RunningProject, toComposeModel } from './to-compose-model.ts';
import { writeApps } from './write-apps.ts';

/** @throws EngineError; Failure PROJECT_NOT_FOUND, IMPORT_CONFLICT */
export async function importRunning(
  options: ImportRunningOptions,
  settings: Settings,
  signal: AbortSignal,
): Promise<ImportView> {
  // Nothing is built here, so nothing is read from a repository.
  const git = { lastFetched: async () => undefined };
  const engine = await buildEngine(settings, git, {
    onRequest: () => undefined,
    onCredentialProblem: () => undefined,
  });
  try {
    const apps = await readApps(options, engine, signal);
    const { out, force } = options;
    return await writeApps(apps, { locate: (name) => join(out, name), force, policy: settings.policy });
  } finally {
    engine.close();
  }
}

async function readApps(
  options: ImportRunningOptions,
  engine: Engine,
  signal: AbortSignal,
): Promise<readonly ImportedApp[]> {
  const host = await engine.observe(signal);
  const projects = groupProjects(host).filter(
    ({ name }) => options.project === undefined || name === options.project,
  );
  if (options.project !== undefined && projects.length === 0) {
    const message = `nothing runs as project or container "${options.project}" that is not of Shorefast already`;
    throw new Failure('PROJECT_NOT_FOUND', message, { reaction: 'stall' });
  }
  const apps: ImportedApp[] = [];
  for (const project of projects) {
    const containers = [];
    for (const container of project.containers) {
      const details = await engine.inspect(container.id, signal);
      if (details !== undefined) containers.push({ ...container, details });
    }
    if (containers.length > 0) apps.push(toApp({ ...project, containers }, host));
  }
  return apps;
}

/** By Compose project; every other container stands alone. What a Shorefast made is declared already. */
function groupProjects({ containers }: ObservedHost): readonly RunningProject[] {
  const byName = new Map<string, ObservedContainer[]>();
  for (const container of containers) {
    const { labels } = container;
    if (labels[ownerLabel] !== undefined || labels[composeLabels.oneoff] === 'True') continue;
    const name = labels[composeLabels.project] ?? toAppName(container.name);
    byName.set(name, [...(byName.get(name) ?? []), container]);
  }
  return [...byName]
    .map(([name, own]) => ({
      name,
      containers: own.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function toAppName(containerName: string): string {
  return (
    containerName
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, '-')
      .replace(/^[_-]+/, '')
      .slice(0, 63) || 'app'
  );
}

// With every text in quotes that some reader of YAML takes for a date, a number or a truth.
const yamlOptions = { aliasDuplicateObjects: false, lineWidth: 110, compat: 'yaml-1.1' } as const;

function toApp(project: RunningProject, host: ObservedHost): ImportedApp {
  const { document, variables, notes } = toComposeModel(project, host);
  const files = new Map([
    ['app.yaml', toBytes(formatAppFile(project.name))],
    ['compose.yaml', toBytes(stringify(document, yamlOptions))],
  ]);
  if (variables.length > 0) files.set('.env.example', toBytes(formatEnvExample(variables)));
  return { name: project.name, files, variables, notes };
}
