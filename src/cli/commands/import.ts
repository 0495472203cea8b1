import type { Command } from 'commander';
import type { ImportView } from '#contract/import-view.ts';
import { hasErrors } from '#domain/problem.ts';
import { writeNote } from '../cli-io.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { countOf, countProblems, writeProblems } from '../format-problems.ts';
import { toPrintable } from '../printable.ts';
import { addSettingsOptions, toSettingsOptions } from '../settings-options.ts';
import { addOutputOption, type OutputFormat, writeView } from '../write-view.ts';

type Common = { readonly out: string; readonly force?: true; readonly output: OutputFormat };
type OfCompose = Common & { readonly name?: string; readonly withEnv?: true };
type OfRunning = Common & { readonly project?: string } & Parameters<typeof toSettingsOptions>[0];

type OfNpm = Common & { readonly withAdvanced?: true } & Parameters<typeof toSettingsOptions>[0];

export function addImportCommand(program: Command, context: CommandContext): void {
  const command = program.command('import').description('write what exists already as apps of a state repo');
  addCommonOptions(
    command
      .command('compose')
      .description('from the directory of a Compose project')
      .argument('<dir>', 'directory with the Compose file')
      .requiredOption('--out <dir>', 'directory of the app')
      .option('--name <name>', "the app's name (default: the project's)")
      .option('--with-env', 'copy .env, env files and secrets, too'),
  ).action((directory: string, options: OfCompose) => importCompose(context, directory, options));
  addCommonOptions(
    addSettingsOptions(
      command
        .command('running')
        .description('from running containers, as far as an engine can tell')
        .requiredOption('--out <dir>', 'directory in which each app gets one')
        .option('--project <name>', 'only this Compose project, or this container'),
    ),
  ).action((options: OfRunning) => importRunning(context, options));
  addCommonOptions(
    addSettingsOptions(
      command
        .command('npm')
        .description('routes, from the hosts of Nginx Proxy Manager')
        .requiredOption('--out <dir>', 'root of the state repo: what it holds is looked at')
        .option('--with-advanced', 'take raw nginx configuration along, too'),
    ),
  ).action((options: OfNpm) => importNpm(context, options));
}

function addCommonOptions(command: Command): Command {
  return addOutputOption(command.option('--force', 'overwrite what is there'));
}

async function importCompose(context: CommandContext, directory: string, options: OfCompose): Promise<void> {
  const { out, name, force = false, withEnv = false, output } = options;
  const named = name === undefined ? {} : { name };
  await show(
    context,
    output,
    await context.actions.importCompose({ directory, out, force, withEnv, ...named }),
  );
}

async function importRunning(context: CommandContext, options: OfRunning): Promise<void> {
  const { out, project, force = false, output } = options;
  const named = project === undefined ? {} : { project };
  const settings = toSettingsOptions(options);
  await show(context, output, await context.actions.importRunning({ out, force, ...named, ...settings }));
}

async function importNpm(context: CommandContext, options: OfNpm): Promise<void> {
  const { out, force = false, withAdvanced = false, output } = options;
  const settings = toSettingsOptions(options);
  await show(context, output, await context.actions.importNpm({ out, force, withAdvanced, ...settings }));
}

async function show({ io, exitWith }: CommandContext, format: OutputFormat, view: ImportView): Promise<void> {
  await writeView(io, format, {
    value: view,
    table: () => view.files.map((file) => toPrintable(file)).join('\n'),
    names: view.apps,
  });
  for (const note of view.notes) writeNote(io, '⚠', note);
  writeProblems(io, view.problems);
  const isValid = !hasErrors(view.problems);
  const counted = `${countOf(view.apps.length, 'app')} written; ${countProblems(view.problems)}`;
  writeNote(io, isValid ? '✔' : '✗', counted);
  if (!isValid) exitWith(exitCodes.different);
}
