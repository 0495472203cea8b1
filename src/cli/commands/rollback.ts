import type { Command } from 'commander';
import { type ApiOptions, addApiOptions } from '../api-options.ts';
import type { CommandContext } from '../command-context.ts';
import { postStackChange } from '../post-change.ts';

type Options = ApiOptions & { readonly to?: string; readonly service?: string; readonly reason?: string };

export function addRollbackCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('rollback')
    .description('go back to an earlier version, until Git changes what was rolled back')
    .argument('<stack>', 'name of the stack')
    .option(
      '--to <version>',
      'number of a cycle, a revision, or a generation (default: the last that was ready)',
    )
    .option('--service <name>', 'only this service')
    .option('--reason <text>', 'why; status and history show it');
  addApiOptions(command).action((stack: string, options: Options) => {
    const { to, service, reason } = options;
    return postStackChange(context, options, { stack, action: 'rollback', body: { to, service, reason } });
  });
}
