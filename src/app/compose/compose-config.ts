import type { ComposeOptions } from '#cli/cli-actions.ts';
import type { ComposeConfigView } from '#contract/compose-view.ts';
import type { Problem } from '#domain/problem.ts';
import { formatProject, type ProjectFormat } from '#manifest/compose/format-project.ts';
import { readDiskProject } from './disk-reading.ts';

/** @throws Failure DIRECTORY_NOT_FOUND, COMPOSE_FILE_NOT_FOUND */
export async function composeConfig(
  options: ComposeOptions,
  format: ProjectFormat,
  shellHome: string | undefined,
): Promise<ComposeConfigView> {
  const { result, problems } = await readDiskProject(options, shellHome);
  return {
    problems: problems.toSorted(compareByPlace),
    ...(result.kind === 'read' && { config: formatProject(result, format) }),
  };
}

/** In the order in which people read the files. */
function compareByPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
