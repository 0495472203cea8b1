import type { Command } from 'commander';
import type { DiffView } from '#contract/history.ts';
import { type ApiOptions, addApiOptions, findAccess } from '../api-options.ts';
import { writeNote } from '../cli-io.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { fetchView } from '../fetch-view.ts';
import { formatDiff } from '../format-history.ts';
import { toQuery } from '../to-query.ts';
import { addOutputOption, type OutputFormat, writeView } from '../write-view.ts';

type Options = ApiOptions & { readonly output: OutputFormat };
type Versions = { readonly stack: string; readonly from: string; readonly to: string };

export function addDiffCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('diff')
    .description('compare two versions of a stack, field by field; exit code 1 when they differ')
    .argument('<stack>', 'name of the stack')
    .argument('<from>', 'number of a cycle, a revision, or a generation')
    .argument('<to>', 'the same');
  addOutputOption(addApiOptions(command)).action(
    (stack: string, from: string, to: string, options: Options) =>
      showDiff(context, { stack, from, to }, options),
  );
}

async function showDiff({ actions, io, exitWith }: CommandContext, versions: Versions, options: Options) {
  const access = await findAccess(actions, options);
  const view = await fetchView<DiffView>(access, `/api/v1/diff${toQuery(versions)}`);
  const different = view.services.filter(({ kind }) => kind !== 'same');
  await writeView(io, options.output, {
    value: view,
    table: () => formatDiff(view.services),
    names: different.map(({ service }) => service),
  });
  if (different.length > 0) exitWith(exitCodes.different);
  else writeNote(io, '✔', `${versions.from} and ${versions.to} declare the same`);
}
