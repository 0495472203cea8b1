import type { Command } from 'commander';
import type { ValidateView } from '#contract/plan-view.ts';
import { hasErrors } from '#domain/problem.ts';
import { writeNote } from '../cli-io.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { countOf, countProblems, formatProblemWithExcerpt } from '../format-problems.ts';
import { addOutputOption, type OutputFormat, writeView } from '../write-view.ts';

export function addValidateCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('validate')
    .description('check a state repo, offline')
    .argument('[path]', 'directory of the state repo', '.');
  addOutputOption(command).action((path: string, options: { output: OutputFormat }) =>
    validate(context, path, options.output),
  );
}

async function validate({ actions, io, exitWith }: CommandContext, path: string, format: OutputFormat) {
  const result = await actions.validate(path);
  await writeView(io, format, {
    value: result,
    table: () => result.problems.map(formatProblemWithExcerpt).join('\n'),
    names: [...new Set(result.problems.map((problem) => problem.file))],
  });
  const isValid = !hasErrors(result.problems);
  writeNote(io, isValid ? '✔' : '✗', `${describeApps(result)}; ${countProblems(result.problems)}`);
  if (!isValid) exitWith(exitCodes.different);
}

function describeApps({ apps }: ValidateView): string {
  const stacks = apps.reduce((sum, app) => sum + app.stacks.length, 0);
  return `${countOf(apps.length, 'app')} with ${countOf(stacks, 'stack')} can be read`;
}
