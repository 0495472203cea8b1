import { toCell } from './printable.ts';

const gap = '   ';

/** Columns as wide as they need to be, the last one open; no line ends in blanks. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows].map((row) => row.map((cell) => toCell(cell) || '-'));
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(gap)
        .trimEnd(),
    )
    .join('\n');
}

/** `Name:  value`, the values below each other. */
export function formatFacts(facts: readonly (readonly [string, string])[]): string {
  const width = Math.max(...facts.map(([name]) => name.length)) + 1;
  return facts.map(([name, value]) => `${`${name}:`.padEnd(width)}  ${toCell(value) || '-'}`).join('\n');
}
