import type { ComposeOptions } from '#cli/cli-actions.ts';
import type { ComposeConfigView } from '#contract/compose-view.ts';
import { formatProject, type ProjectFormat } from '#manifest/compose/format-project.ts';
import { readDiskProject } from './disk-reading.ts';

/** @throws Failure DIRECTORY_NOT_FOUND, COMPOSE_FILE_NOT_FOUND */
export async function composeConfig(
  options: ComposeOptions,
  format: ProjectFormat,
  shellHome: string | undefined,
): Promise<ComposeConfigView> {
  const { result, problems } = await readDiskProject(options, shellHome);
  return { problems, ...(result.kind === 'read' && { config: formatProject(result, format) }) };
}
