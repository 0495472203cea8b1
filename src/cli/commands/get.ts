import type { Command } from 'commander';
import type { RouteListView } from '#contract/routes.ts';
import { type ApiOptions, addApiOptions, findAccess } from '../api-options.ts';
import { writeNote } from '../cli-io.ts';
import type { CommandContext } from '../command-context.ts';
import { fetchView } from '../fetch-view.ts';
import { formatRoutes } from '../format-routes.ts';
import { addOutputOption, type OutputFormat, writeView } from '../write-view.ts';

type Options = ApiOptions & { readonly output: OutputFormat };

export function addGetCommand(program: Command, context: CommandContext): void {
  const get = program.command('get').description('lists of what a running daemon keeps up');
  const routes = get
    .command('routes')
    .description('host names and ports, where they lead, and what is wrong with them')
    .argument('[stack]', 'only those of one stack');
  addOutputOption(addApiOptions(routes)).action((stack: string | undefined, options: Options) =>
    getRoutes(context, stack, options),
  );
}

async function getRoutes({ actions, io }: CommandContext, stack: string | undefined, options: Options) {
  const access = await findAccess(actions, options);
  const all = await fetchView<RouteListView>(access, '/api/v1/routes');
  const routes = all.routes.filter((route) => stack === undefined || route.stack === stack);
  await writeView(io, options.output, {
    value: { ...all, routes },
    table: (isWide) => formatRoutes(routes, isWide),
    names: routes.map(({ name }) => name),
  });
  const { url = '', message } = all.proxy;
  if (message !== undefined) writeNote(io, '✗', `proxy ${url}: ${message}`);
  for (const line of all.blocked) writeNote(io, '✗', line);
}
