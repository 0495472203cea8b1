import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { shortenHashes } from '../printable.ts';
import { addOutputOption, type OutputFormat, writeView } from '../write-view.ts';

export function addVersionCommand(program: Command, { actions, io }: CommandContext): void {
  const command = program.command('version').description('print the version');
  addOutputOption(command).action(async (options: { output: OutputFormat }) => {
    const value = await actions.version();
    await writeView(io, options.output, {
      value,
      table: () => `shorefast ${value.version} (${shortenHashes(value.revision)}, Node ${value.node})`,
      names: [value.version],
    });
  });
}
