import type { CliActions } from './cli-actions.ts';
import type { CliIo } from './cli-io.ts';
import type { ExitCode } from './exit-codes.ts';

/** What every command is given. */
export type CommandContext = {
  readonly actions: CliActions;
  readonly io: CliIo;
  /** Sets the exit code; the program still ends by itself. */
  exitWith(code: ExitCode): void;
};
