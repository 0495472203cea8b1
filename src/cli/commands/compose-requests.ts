import { type Command, Option } from 'commander';
import type { ComposeRequestsView } from '#contract/compose-requests-view.ts';
import { hasErrors } from '#domain/problem.ts';
import { writeNote } from '../cli-io.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { countProblems, formatProblemWithExcerpt } from '../format-problems.ts';

const apiVersions = ['1.41', '1.51'];

/** Completes a command that has the options of a Compose project already; `ask` is given what they came to. */
export function completeRequestsCommand<Options extends object>(
  command: Command,
  context: Pick<CommandContext, 'io' | 'exitWith'>,
  ask: (directory: string, options: Options, apiVersion: string) => Promise<ComposeRequestsView>,
): void {
  command
    .description('print what an engine would be asked for to make a Compose project, offline')
    .addOption(
      new Option('--api-version <version>', "the engine's API")
        .choices(apiVersions)
        .default(apiVersions.at(-1)),
    )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['json']).default('json'))
    .action(async (directory: string, options: Options & { readonly apiVersion: string }) =>
      printRequests(context, await ask(directory, options, options.apiVersion)),
    );
}

function printRequests(
  { io, exitWith }: Pick<CommandContext, 'io' | 'exitWith'>,
  { problems, requests, refusals }: ComposeRequestsView,
): void {
  for (const problem of problems) io.stderr.write(`${formatProblemWithExcerpt(problem)}\n`);
  if (requests !== undefined) io.stdout.write(`${JSON.stringify(requests, null, 2)}\n`);
  for (const refusal of refusals) writeNote(io, '✗', refusal);
  if (hasErrors(problems)) writeNote(io, '✗', `the project cannot be made; ${countProblems(problems)}`);
  if (hasErrors(problems) || refusals.length > 0) exitWith(exitCodes.different);
}
