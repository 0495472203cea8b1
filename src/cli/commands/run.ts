import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addSettingsOptions, toSettingsOptions } from '../settings-options.ts';

export function addRunCommand(program: Command, { actions }: CommandContext): void {
  const command = program
    .command('run')
    .description('run the daemon: keep this host equal to the state repo');
  addSettingsOptions(command).action((options) => actions.run(toSettingsOptions(options)));
}
