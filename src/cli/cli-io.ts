import { styleText } from 'node:util';
import { toPrintable } from './printable.ts';

type Writable = { write(text: string): unknown };

export type CliIo = {
  /** For data. */
  readonly stdout: Writable;
  /** For what people are told beside it. */
  readonly stderr: Writable;
  /** Whether stderr is one. */
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends what would go on forever (`status -w`). */
  readonly signal?: AbortSignal;
};

const styles = { '►': 'cyan', '✔': 'green', '◎': 'yellow', '⚠': 'yellow', '✗': 'red' } as const;
export type Glyph = keyof typeof styles;

/** One line for people: what is done, has been done, is waited for, or failed. */
export function writeNote(io: CliIo, glyph: Glyph, text: string): void {
  const isColored = io.isTerminal && !io.env['NO_COLOR'];
  const mark = isColored ? styleText(styles[glyph], glyph, { validateStream: false }) : glyph;
  io.stderr.write(`${mark} ${toPrintable(text)}\n`);
}
