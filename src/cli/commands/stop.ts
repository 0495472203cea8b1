// stop, start and restart take the same arguments.
import type { Command } from 'commander';
import { type ApiOptions, addApiOptions } from '../api-options.ts';
import type { CommandContext } from '../command-context.ts';
import { postStackChange } from '../post-change.ts';

type Options = ApiOptions & { readonly reason?: string };

const descriptions = {
  stop: 'stop a stack or a service, until it is started or Git changes the stack',
  start: 'end a stop, and start what has ended',
  restart: 'stop and start once what runs',
} as const;

export function addStopCommand(program: Command, context: CommandContext): void {
  addAction('stop', program, context);
}

export function addStartCommand(program: Command, context: CommandContext): void {
  addAction('start', program, context);
}

export function addRestartCommand(program: Command, context: CommandContext): void {
  addAction('restart', program, context);
}

function addAction(action: keyof typeof descriptions, program: Command, context: CommandContext): void {
  const command = program
    .command(action)
    .description(descriptions[action])
    .argument('<stack>', 'name of the stack')
    .argument('[service]', 'only this service')
    .option('--reason <text>', 'why; status and history show it');
  addApiOptions(command).action((stack: string, service: string | undefined, options: Options) =>
    postStackChange(context, options, { stack, action, body: { service, reason: options.reason } }),
  );
}
