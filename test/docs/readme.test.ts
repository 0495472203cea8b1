import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMetrics } from '#adapters/metrics/metrics.ts';
import { formatSettingsTable } from '#app/settings/format-settings-table.ts';
import { settingsTable } from '#app/settings/settings-table.ts';
import { exitCodes } from '#cli/exit-codes.ts';
import { buildProgram } from '#cli/program.ts';

// What the documents promise is what the program has.

const root = join(import.meta.dirname, '../..');
const readme = toPlainTables(readDocument('README.md'));

function readDocument(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

/** The formatter pads cells and lengthens rules. */
function toPlainTables(text: string): string {
  return text.replaceAll(/^\|.*\|$/gm, (row) => row.replaceAll(/ *\| */g, '|').replaceAll(/-{3,}/g, '---'));
}

/** The first cells of the rows of the table below a line that begins so. */
function firstCells(start: string): string[] {
  const table = readme.slice(readme.indexOf(`\n${start}`) + 1).split('\n\n')[0] ?? '';
  const rows = table.split('\n').slice(2);
  return rows.map((row) => row.split('|')[1]?.replaceAll('`', '').trim() ?? '');
}

it('the README has the table of settings as it is', () => {
  const [, shown] = /<!-- settings -->\s+([\s\S]*?)\s+<!-- end of settings -->/.exec(readme) ?? [];

  expect(shown).toBe(toPlainTables(formatSettingsTable()));
  expect(settingsTable.length).toBeGreaterThan(20);
});

it('the README lists every metric of ours, its type and its meaning', async () => {
  const { body } = await createMetrics({ version: '0', revision: '0' }).text();
  const types = new Map([...body.matchAll(/^# TYPE (\S+) (\S+)/gm)].map(([, name, type]) => [name, type]));
  const declared = [...body.matchAll(/^# HELP (shorefast_\S+) (.*)$/gm)].map(
    ([, name, help]) => `| \`${name}\` | ${types.get(name)} | ${help} |`,
  );

  expect(firstCells('|metric|').length).toBe(declared.length);
  expect(declared.filter((row) => !readme.includes(toPlainTables(row)))).toEqual([]);
});

it('the README lists every command and every exit code', () => {
  const program = buildProgram({} as never, { env: {} } as never);

  const commands = firstCells('|command|').map((cell) => cell.split(' ')[0]);

  expect(new Set(commands)).toEqual(new Set(program.commands.map((command) => command.name())));
  expect(firstCells('|exit code|').map(Number)).toEqual(Object.values(exitCodes));
});

it('the README lists every request of the API', () => {
  const paths = [...readDocument('schemas/openapi.yaml').matchAll(/^ {2}(\/\S+):$/gm)].map(
    (match) => match[1],
  );

  expect(paths.length).toBeGreaterThan(5);
  expect(paths.filter((path) => !readme.includes(path ?? ''))).toEqual([]);
});

it.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'])('every file that %s names is there', (name) => {
  const text = readDocument(name);
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '');
  const paths = [
    ...text.matchAll(
      /`((?:src|test|schemas|deploy|examples|domain|manifest|ports|reconcile|adapters|api|cli|app)\/[\w./-]+)`/g,
    ),
  ].map((match) => match[1] ?? '');
  const shortened = paths.map((path) => (existsSync(join(root, path)) ? path : join('src', path)));

  expect([...links, ...shortened].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
