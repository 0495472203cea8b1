import type { ComposeOptions } from '#cli/cli-actions.ts';
import type { ComposeRequestsView } from '#contract/compose-requests-view.ts';
import { hasErrors, type Problem } from '#domain/problem.ts';
import type { Reading } from '#manifest/compose/load/reading.ts';
import type { ReadProject } from '#manifest/compose/stack/stack-input.ts';
import { createDiskContents } from './disk-contents.ts';
import { readDiskProject } from './disk-reading.ts';
import { toRequests } from './to-requests.ts';

/** @throws Failure DIRECTORY_NOT_FOUND, COMPOSE_FILE_NOT_FOUND */
export async function requestsOfDirectory(
  options: ComposeOptions,
  apiVersion: string,
  shellHome: string | undefined,
): Promise<ComposeRequestsView> {
  return composeRequests(await readDiskProject(options, shellHome), apiVersion);
}

/** A project of this machine. */
export type ProjectOnDisk = {
  readonly result: ({ readonly kind: 'read' } & ReadProject) | { readonly kind: 'invalid' };
  /** Further ones are pushed to it. */
  readonly problems: readonly Problem[];
  /** Absolute, in the order in which they are laid over each other. */
  readonly files: readonly string[];
  readonly reading: Pick<Reading, 'workingDirectory' | 'readFile'>;
  /** Absolute; those that were named, not the `.env` that is found by itself. */
  readonly envFiles?: readonly string[];
};

export async function composeRequests(
  { result, problems, files, reading, envFiles = [] }: ProjectOnDisk,
  apiVersion: string,
): Promise<ComposeRequestsView> {
  if (result.kind === 'invalid') return { problems, refusals: [] };
  const { requests, refusals } = await toRequests(result, {
    apiVersion,
    declaredIn: {
      directory: reading.workingDirectory,
      file: files.join(','),
      ...(envFiles.length > 0 && { environmentFile: envFiles.join(',') }),
    },
    deliver: createDiskContents(async (path) => {
      const found = await reading.readFile(path);
      return found.kind === 'read' ? found.text : undefined;
    }),
  });
  if (hasErrors(problems)) return { problems, refusals: [] };
  return { problems, requests, refusals };
}
