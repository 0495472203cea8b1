import { type Command, Option } from 'commander';
import { hasErrors } from '#domain/problem.ts';
import { writeNote } from '../cli-io.ts';
import type { CommandContext } from '../command-context.ts';
import { addComposeOptions, type ParsedComposeOptions, toComposeOptions } from '../compose-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { countProblems, formatProblemWithExcerpt } from '../format-problems.ts';
import { completeRequestsCommand } from './compose-requests.ts';

type Format = 'json' | 'yaml';
type ConfigOptions = ParsedComposeOptions & { readonly output: Format };

export function addComposeCommand(program: Command, context: CommandContext): void {
  const command = program.command('compose').description('see a Compose project as Docker Compose sees it');
  addComposeOptions(command.command('config').description('print a Compose project in full, offline'))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['json', 'yaml']).default('yaml'))
    .action((directory: string, options: ConfigOptions) => printConfig(context, directory, options));
  completeRequestsCommand(
    addComposeOptions(command.command('requests')),
    context,
    (directory, options: ParsedComposeOptions, apiVersion) =>
      context.actions.composeRequests(toComposeOptions(directory, options), apiVersion),
  );
}

async function printConfig(
  { actions, io, exitWith }: CommandContext,
  directory: string,
  options: ConfigOptions,
): Promise<void> {
  const { problems, config } = await actions.composeConfig(
    toComposeOptions(directory, options),
    options.output,
  );
  for (const problem of problems) io.stderr.write(`${formatProblemWithExcerpt(problem)}\n`);
  if (config !== undefined) io.stdout.write(await formatConfig(config, options.output));
  if (!hasErrors(problems)) return;
  writeNote(io, '✗', `the project cannot be read; ${countProblems(problems)}`);
  exitWith(exitCodes.different);
}

/** YAML for readers of either version: `"0755"` and `"yes"` stay text. */
async function formatConfig(config: object, format: Format): Promise<string> {
  if (format === 'json') return `${JSON.stringify(config, null, 2)}\n`;
  return (await import('yaml')).stringify(config, { aliasDuplicateObjects: false, version: '1.1' });
}
