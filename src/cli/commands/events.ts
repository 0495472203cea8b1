import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import type { EventListView, EventView } from '#contract/history.ts';
import { type ApiOptions, addApiOptions, findAccess } from '../api-options.ts';
import type { ApiAccess } from '../cli-actions.ts';
import { type CliIo, writeNote } from '../cli-io.ts';
import type { CommandContext } from '../command-context.ts';
import { isCoded } from '../exit-codes.ts';
import { fetchView } from '../fetch-view.ts';
import { followEvents } from '../follow-events.ts';
import { formatEventLine, formatEvents } from '../format-history.ts';
import { toQuery } from '../to-query.ts';
import { addOutputOption, type OutputFormat, writeView } from '../write-view.ts';

type Options = ApiOptions & {
  readonly output: OutputFormat;
  readonly watch?: true;
  readonly stack?: string;
  readonly limit: string;
  readonly since?: string;
};

const comeBackMs = 2_000;

export function addEventsCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('events')
    .description('what was worth telling: rollouts, healed drift, failures, holds, removals …')
    .option('-w, --watch', 'go on, and print what happens')
    .option('--stack <name>', 'only of this stack')
    .option('--since <time>', 'only since then, such as 2026-01-31T12:00:00Z')
    .option('--limit <count>', 'at most so many', '50');
  addOutputOption(addApiOptions(command)).action((options: Options) => showEvents(context, options));
}

async function showEvents({ actions, io }: CommandContext, options: Options): Promise<void> {
  const access = await findAccess(actions, options);
  const { stack, limit, since } = options;
  const view = await fetchView<EventListView>(access, `/api/v1/events${toQuery({ stack, limit, since })}`);
  if (options.watch) return watch(io, options, access, view);
  await writeView(io, options.output, {
    value: view,
    table: () => formatEvents(view.events),
    names: view.events.map(({ id }) => String(id)),
  });
}

/** Goes on through outages of the daemon, told once each, and misses nothing of what was kept. */
async function watch(
  io: CliIo,
  options: Options,
  access: ApiAccess,
  { events }: EventListView,
): Promise<void> {
  let after = 0;
  let outage = '';
  const tell = (event: EventView): void => {
    // What was missed may come again with what is new.
    if (event.id !== undefined && event.id <= after) return;
    after = event.id ?? after;
    writeEvent(io, options.output, event);
  };
  for (const event of events.toReversed()) tell(event);
  while (io.signal?.aborted !== true) {
    try {
      const opened = (): void => {
        outage = '';
      };
      await followEvents(
        access,
        { stack: options.stack, since: options.since, after },
        { tell, opened, signal: io.signal },
      );
    } catch (error) {
      if (io.signal?.aborted) return;
      if (!isCoded(error)) throw error;
      if (outage !== error.code) writeNote(io, '✗', error.message);
      outage = error.code;
    }
    await wait(comeBackMs, undefined, io.signal === undefined ? {} : { signal: io.signal }).catch(() => {});
  }
}

function writeEvent(io: CliIo, output: OutputFormat, event: EventView): void {
  if (output === 'json') io.stdout.write(`${JSON.stringify(event)}\n`);
  // A stream of documents is what YAML has for it.
  else if (output === 'yaml') io.stdout.write(`--- ${JSON.stringify(event)}\n`);
  else io.stdout.write(`${output === 'name' ? String(event.id ?? '') : formatEventLine(event)}\n`);
}
