import type { Command } from 'commander';
import type { ApiAccess } from './cli-actions.ts';
import type { CommandContext } from './command-context.ts';
import { addSettingsOptions, toSettingsOptions } from './settings-options.ts';

export type ApiOptions = Parameters<typeof toSettingsOptions>[0] & {
  readonly apiUrl?: string;
  readonly apiToken?: string;
};

/** For commands that ask a running daemon. */
export function addApiOptions(command: Command): Command {
  command
    .option('--api-url <url>', "address of the daemon's API (default: by the settings)")
    .option('--api-token <token>', 'token of the API (default: by the settings)');
  return addSettingsOptions(command);
}

/** Settings are not read when the command line says it all: another machine may have none. */
export async function findAccess(
  actions: CommandContext['actions'],
  options: ApiOptions,
): Promise<ApiAccess> {
  const { apiUrl, apiToken } = options;
  const base = apiUrl === undefined ? await actions.apiAccess(toSettingsOptions(options)) : { url: apiUrl };
  return apiToken === undefined ? base : { ...base, token: apiToken };
}
