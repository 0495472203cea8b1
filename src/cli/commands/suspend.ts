import type { Command } from 'commander';
import { type ApiOptions, addApiOptions } from '../api-options.ts';
import type { CommandContext } from '../command-context.ts';
import { postStackChange } from '../post-change.ts';

type Options = ApiOptions & { readonly until?: string; readonly reason?: string };

export function addSuspendCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('suspend')
    .description('change nothing of a stack, whatever Git says; what it differs in is still told')
    .argument('<stack>', 'name of the stack')
    .option('--until <time>', 'such as 2h or 2026-01-31T12:00:00Z (default: until it is resumed)')
    .option('--reason <text>', 'why; status and history show it');
  addApiOptions(command).action((stack: string, options: Options) => {
    const { until, reason } = options;
    return postStackChange(context, options, { stack, action: 'suspend', body: { until, reason } });
  });
}

export function addResumeCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('resume')
    .description(
      'back to what Git says: ends suspension, stops and rollbacks, and lets be tried again what failed',
    )
    .argument('<stack>', 'name of the stack')
    .argument('[service]', 'only what was laid over this service');
  addApiOptions(command).action((stack: string, service: string | undefined, options: ApiOptions) =>
    postStackChange(context, options, { stack, action: 'resume', body: { service } }),
  );
}
