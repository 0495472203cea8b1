import type { DesiredApp, DesiredStack, DesiredState } from '#domain/desired.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import { formatProblem, type Problem } from '#domain/problem.ts';
import { loadDesiredState } from '#manifest/load-desired-state.ts';
import type { LoadResult } from '#manifest/load-result.ts';
import { type MemoryNode, memoryTree } from './memory-tree.ts';

export const strictPolicy: HostPolicy = {
  allowPrivileged: false,
  allowHostNetwork: false,
  allowBuild: false,
  allowedCapabilities: [],
  allowedBindPaths: [],
  allowAdvancedNginx: false,
};

export const openPolicy: HostPolicy = {
  allowPrivileged: true,
  allowHostNetwork: true,
  allowBuild: true,
  allowedCapabilities: ['ALL'],
  allowedBindPaths: ['/'],
  allowAdvancedNginx: true,
};

type Files = Readonly<Record<string, MemoryNode>>;

export function loadFiles(files: Files, policy: HostPolicy = strictPolicy): Promise<LoadResult> {
  return loadDesiredState({ tree: memoryTree(files), policy });
}

export async function loadState(files: Files, policy?: HostPolicy): Promise<DesiredState> {
  const result = await loadFiles(files, policy);
  if (result.kind === 'loaded') return result.state;
  throw new Error(`invalid as a whole: ${result.problems.map(formatProblem).join('\n')}`);
}

/** The one app of a state repo whose files are named relative to the app's directory. */
export async function loadOnlyApp(files: Files, policy?: HostPolicy): Promise<DesiredApp> {
  const placed = Object.entries(files).map(([path, node]) => [
    path === 'fleet.yaml' ? path : `apps/web/${path}`,
    node,
  ]);
  const { apps } = await loadState(Object.fromEntries(placed) as Files, policy);
  const [app] = apps;
  if (app === undefined || apps.length > 1) throw new Error(`expected one app, found ${apps.length}`);
  return app;
}

/** The one stack of an app that must be free of errors. */
export async function loadOnlyStack(files: Files, policy?: HostPolicy): Promise<DesiredStack> {
  const app = await loadOnlyApp(files, policy);
  const [stack] = app.stacks;
  if (stack === undefined || app.stacks.length > 1) {
    throw new Error(`expected one stack, found ${app.stacks.length}:\n${formatProblems(app.problems)}`);
  }
  return stack;
}

export function formatProblems(problems: readonly Problem[]): string {
  return problems.map((problem) => `${problem.severity} ${formatProblem(problem)}`).join('\n');
}
