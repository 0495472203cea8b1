import type { Problem } from '#domain/problem.ts';
import { fileProblem } from '../../place.ts';
import { type DotenvFormat, InvalidLine, parseDotenv } from '../../text/dotenv.ts';
import type { Lookup } from '../../text/interpolate.ts';

export type EnvText = {
  readonly text: string;
  /** As it is called in messages. */
  readonly file: string;
  readonly lookup: Lookup;
  readonly format?: DotenvFormat;
  /** Lines of the files before it. */
  readonly earlier?: ReadonlyMap<string, string>;
};

/** The variables of an env file; none when it cannot be read, which is told at its line. */
export function parseEnvText(
  { text, file, lookup, format, earlier }: EnvText,
  problems: Problem[],
): ReadonlyMap<string, string> {
  try {
    return parseDotenv(text, lookup, format, earlier);
  } catch (error) {
    if (!(error instanceof InvalidLine)) throw error;
    // The line itself is not shown: it may hold a secret.
    problems.push({ ...fileProblem(file, error.reason, error.hint), line: error.line, column: 1 });
    return new Map();
  }
}
