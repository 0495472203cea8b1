import type { Command } from 'commander';
import type { SettingEntry } from '#contract/setting-entry.ts';
import type { CommandContext } from '../command-context.ts';
import { formatTable } from '../format-table.ts';
import { addSettingsOptions, toSettingsOptions } from '../settings-options.ts';
import { addOutputOption, type OutputFormat, writeView } from '../write-view.ts';

type Options = Parameters<typeof toSettingsOptions>[0] & { readonly output: OutputFormat };

export function addSettingsCommand(program: Command, { actions, io }: CommandContext): void {
  const command = program
    .command('settings')
    .description('print the effective settings and where each comes from; secrets are masked');
  addOutputOption(addSettingsOptions(command)).action(async (options: Options) => {
    const entries = await actions.settings(toSettingsOptions(options));
    await writeView(io, options.output, {
      value: entries,
      table: (isWide) => formatEntries(entries, isWide),
      names: entries.map((entry) => entry.path),
    });
  });
}

function formatEntries(entries: readonly SettingEntry[], isWide: boolean): string {
  const rows = entries.map((entry) => [
    entry.path,
    formatValue(entry.value),
    [entry.source.kind, entry.source.name].filter((part) => part !== undefined).join(' '),
    ...(isWide ? [entry.description] : []),
  ]);
  return formatTable(['NAME', 'VALUE', 'SOURCE', ...(isWide ? ['MEANING'] : [])], rows);
}

function formatValue(value: SettingEntry['value']): string {
  if (value === null) return '';
  return typeof value === 'object' ? formatParts(value) : String(value);
}

function formatParts(value: object): string {
  if (Array.isArray(value)) return value.join(',');
  return Object.keys(value).length === 0 ? '' : JSON.stringify(value);
}
