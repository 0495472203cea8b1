import { openDirectoryTree } from '#adapters/directory/directory-tree.ts';
import type { ValidateView } from '#contract/plan-view.ts';
import { hasErrors } from '#domain/problem.ts';
import { loadDesiredState } from '#manifest/load-desired-state.ts';
import type { Settings } from './settings/settings.ts';

/** Checks a directory as the daemon would check its commit. @throws Failure when there is no such directory */
export async function validate(path: string, { policy }: Settings): Promise<ValidateView> {
  const result = await loadDesiredState({ tree: await openDirectoryTree(path), policy });
  if (result.kind === 'invalid') return { problems: result.problems, apps: [] };
  const { apps, fleet } = result.state;
  return {
    problems: [...(fleet.problems ?? []), ...apps.flatMap((app) => app.problems)],
    apps: apps
      .filter((app) => !hasErrors(app.problems))
      .map((app) => ({ name: app.name, stacks: app.stacks.map((stack) => stack.name) })),
  };
}
