import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import type { StackListView, StackView, StatusView } from '#contract/status.ts';
import { type ApiOptions, addApiOptions, findAccess } from '../api-options.ts';
import type { ApiAccess } from '../cli-actions.ts';
import { type CliIo, writeNote } from '../cli-io.ts';
import type { CommandContext } from '../command-context.ts';
import { isCoded } from '../exit-codes.ts';
import { fetchView } from '../fetch-view.ts';
import { formatStack, formatStacks, listTroubles } from '../format-status.ts';
import { addOutputOption, type OutputFormat, type View, writeView } from '../write-view.ts';

type Options = ApiOptions & { readonly output: OutputFormat; readonly watch?: true };
type Status = View & { readonly troubles: readonly string[] };

const watchIntervalMs = 2_000;

export function addStatusCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('status')
    .description('what a running daemon knows of its stacks')
    .argument('[stack]', 'one stack in detail')
    .option('-w, --watch', 'go on, and print what changes');
  addOutputOption(addApiOptions(command)).action((stack: string | undefined, options: Options) =>
    showStatus(context, stack, options),
  );
}

async function showStatus({ actions, io }: CommandContext, stack: string | undefined, options: Options) {
  const access = await findAccess(actions, options);
  const fetchStatus = () => (stack === undefined ? fetchAll(access) : fetchOne(access, stack));
  const first = await fetchStatus();
  await writeStatus(io, options, first);
  if (options.watch) await watch(io, options, { first, fetchStatus });
}

async function fetchAll(access: ApiAccess): Promise<Status> {
  const status = await fetchView<StatusView>(access, '/api/v1/status');
  const { stacks } = await fetchView<StackListView>(access, '/api/v1/stacks');
  return {
    value: { status, stacks },
    table: (isWide) => formatStacks(stacks, isWide),
    names: stacks.map((stack) => stack.name),
    troubles: listTroubles(status),
  };
}

async function fetchOne(access: ApiAccess, name: string): Promise<Status> {
  const stack = await fetchView<StackView>(access, `/api/v1/stacks/${encodeURIComponent(name)}`);
  return {
    value: stack,
    table: (isWide) => formatStack(stack, isWide),
    names: [stack.name],
    troubles: [],
  };
}

async function writeStatus(io: CliIo, options: Options, status: Status): Promise<void> {
  // One value a line, so that a reader can tell one from the next.
  if (options.watch && options.output === 'json') io.stdout.write(`${JSON.stringify(status.value)}\n`);
  else await writeView(io, options.output, status);
  for (const trouble of status.troubles) writeNote(io, '✗', trouble);
}

type Watched = { readonly first: Status; readonly fetchStatus: () => Promise<Status> };

/** Goes on through outages of the daemon, told once each; ends with the signal. */
async function watch(io: CliIo, options: Options, { first, fetchStatus }: Watched): Promise<void> {
  let last = JSON.stringify(first.value);
  while (await pause(io.signal)) {
    try {
      const status = await fetchStatus();
      const text = JSON.stringify(status.value);
      if (text !== last) await writeStatus(io, options, status);
      last = text;
    } catch (error) {
      if (!isCoded(error)) throw error;
      if (last !== error.code) writeNote(io, '✗', error.message);
      last = error.code;
    }
  }
}

async function pause(signal: AbortSignal | undefined): Promise<boolean> {
  return wait(watchIntervalMs, true, signal === undefined ? {} : { signal }).catch(() => false);
}
