import { type Command, Option } from 'commander';
import type { CliIo } from './cli-io.ts';

const outputFormats = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** One answer in all the forms it can be asked for. */
export type View = {
  /** For programs: a shape of `contract`. */
  readonly value: unknown;
  /** For people; already printable. */
  table(isWide: boolean): string;
  readonly names: readonly string[];
};

export function addOutputOption(command: Command): Command {
  return command.addOption(
    new Option('-o, --output <format>', 'how to print').choices(outputFormats).default('table'),
  );
}

export async function writeView(io: CliIo, format: OutputFormat, view: View): Promise<void> {
  const text = await formatView(format, view);
  if (text !== '') io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

async function formatView(format: OutputFormat, { value, table, names }: View): Promise<string> {
  switch (format) {
    case 'table':
    case 'wide':
      return table(format === 'wide');
    case 'json':
      return JSON.stringify(value, null, 2);
    case 'yaml':
      return (await import('yaml')).stringify(value, { aliasDuplicateObjects: false });
    case 'name':
      return names.join('\n');
  }
}
