import type { Command } from 'commander';
import type { OverrideAccepted } from '#contract/overrides.ts';
import { type ApiOptions, addApiOptions, findAccess } from '../api-options.ts';
import { writeNote } from '../cli-io.ts';
import type { CommandContext } from '../command-context.ts';
import { postView } from '../fetch-view.ts';

export function addApproveCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('approve')
    .description('let go for an hour what a guard has stopped: removals, or a mass change')
    .argument('<token>', 'as status shows it: it names exactly what it lets go');
  addApiOptions(command).action(async (token: string, options: ApiOptions) => {
    const access = await findAccess(context.actions, options);
    await postView<OverrideAccepted>(access, '/api/v1/approvals', { token });
    writeNote(context.io, '✔', `${token} is approved`);
  });
}
