import type { Command } from 'commander';
import type { HistoryListView, PastCycleView } from '#contract/history.ts';
import { type ApiOptions, addApiOptions, findAccess } from '../api-options.ts';
import type { CommandContext } from '../command-context.ts';
import { fetchView } from '../fetch-view.ts';
import { formatCycles, formatPastCycle } from '../format-history.ts';
import { toQuery } from '../to-query.ts';
import { addOutputOption, type OutputFormat, writeView } from '../write-view.ts';

type Options = ApiOptions & {
  readonly output: OutputFormat;
  readonly limit: string;
  readonly before?: string;
};

export function addHistoryCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('history')
    .description('what was done to a stack and why, newest first')
    .argument('<stack>', 'name of the stack')
    .option('--limit <count>', 'at most so many', '20')
    .option('--before <id>', 'only what came before this one');
  addOutputOption(addApiOptions(command)).action((stack: string, options: Options) =>
    showHistory(context, stack, options),
  );
  const show = command
    .command('show')
    .description('one cycle: every step, and what was seen of containers that failed')
    .argument('<id>', 'its number in the history');
  // The options before `show` are the same, and are read by the command around it.
  show.action((id: string) => showCycle(context, id, command.opts<Options>()));
}

async function showHistory({ actions, io }: CommandContext, stack: string, options: Options): Promise<void> {
  const access = await findAccess(actions, options);
  const { limit, before } = options;
  const path = `/api/v1/history${toQuery({ stack, limit, before })}`;
  const view = await fetchView<HistoryListView>(access, path);
  await writeView(io, options.output, {
    value: view,
    table: (isWide) => formatCycles(view.cycles, isWide),
    names: view.cycles.map(({ id }) => String(id)),
  });
}

async function showCycle({ actions, io }: CommandContext, id: string, options: Options): Promise<void> {
  const access = await findAccess(actions, options);
  const cycle = await fetchView<PastCycleView>(access, `/api/v1/history/${encodeURIComponent(id)}`);
  await writeView(io, options.output, {
    value: cycle,
    table: (isWide) => formatPastCycle(cycle, isWide),
    names: [String(cycle.id)],
  });
}
