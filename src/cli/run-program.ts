import { CommanderError } from 'commander';
import type { CliActions } from './cli-actions.ts';
import { type CliIo, writeNote } from './cli-io.ts';
import { type ExitCode, exitCodeOf, exitCodes, isCoded } from './exit-codes.ts';
import { buildProgram } from './program.ts';

/** One command line (without node and script), from start to exit code. Never rejects. */
export async function runProgram(
  commandLine: readonly string[],
  actions: CliActions,
  io: CliIo,
): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  const program = buildProgram(actions, io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...commandLine], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, commandLine, io);
    const code = isCoded(error) ? error.code : 'INTERNAL';
    writeError(io, commandLine, { code, message: describeError(error) });
    return exitCodeOf(error);
  }
}

function reportUsage(error: CommanderError, commandLine: readonly string[], io: CliIo): ExitCode {
  if (error.exitCode === 0) return exitCodes.ok;
  // Without any command the help was shown already.
  const isHelp = error.code === 'commander.help';
  const message = error.message.replace(/^error: /, '');
  if (!isHelp) writeError(io, commandLine, { code: 'USAGE', message });
  return exitCodes.usage;
}

/** A failure in a sentence; a bug with all that is needed to find it. */
function describeError(error: unknown): string {
  if (isCoded(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function writeError(
  io: CliIo,
  commandLine: readonly string[],
  error: { code: string; message: string },
): void {
  if (wantsJson(commandLine)) io.stderr.write(`${JSON.stringify({ error })}\n`);
  else for (const line of error.message.split('\n')) writeNote(io, '✗', line);
}

/** Read from the raw words: the command line may be what is wrong. */
function wantsJson(commandLine: readonly string[]): boolean {
  return /(^| )(-o ?=?|--output[ =])json( |$)/.test(commandLine.join(' '));
}
