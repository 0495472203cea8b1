import { type SettingRow, toVariable } from './setting-row.ts';
import { settingsTable } from './settings-table.ts';

/** The list of settings for the README, as a Markdown table. */
export function formatSettingsTable(): string {
  const rows = settingsTable.map((row: SettingRow) => {
    const cells = [`\`${row.path}\``, row.type, formatDefault(row), `\`${toVariable(row.path)}\``];
    return `| ${[...cells, row.description + formatChoices(row)].join(' | ')} |`;
  });
  return ['| setting | type | default | environment | meaning |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

function formatDefault({ default: value, fallbackVariable }: SettingRow): string {
  const fallback = fallbackVariable === undefined ? '' : `\`$${fallbackVariable}\` or `;
  if (value === undefined) return `${fallback}–`;
  if (typeof value === 'string') return `${fallback}\`${value}\``;
  return Array.isArray(value) ? value.map((item) => `\`${item}\``).join(' ') : 'none';
}

function formatChoices({ choices }: SettingRow): string {
  return choices === undefined ? '' : ` One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.`;
}
