import { Command } from 'commander';
import type { CliActions } from './cli-actions.ts';
import type { CliIo } from './cli-io.ts';
import type { CommandContext } from './command-context.ts';
import { addApplyCommand } from './commands/apply.ts';
import { addApproveCommand } from './commands/approve.ts';
import { addComposeCommand } from './commands/compose.ts';
import { addDiffCommand } from './commands/diff.ts';
import { addEventsCommand } from './commands/events.ts';
import { addGetCommand } from './commands/get.ts';
import { addHistoryCommand } from './commands/history.ts';
import { addImportCommand } from './commands/import.ts';
import { addPlanCommand } from './commands/plan.ts';
import { addRollbackCommand } from './commands/rollback.ts';
import { addRunCommand } from './commands/run.ts';
import { addSettingsCommand } from './commands/settings.ts';
import { addStatusCommand } from './commands/status.ts';
import { addRestartCommand, addStartCommand, addStopCommand } from './commands/stop.ts';
import { addResumeCommand, addSuspendCommand } from './commands/suspend.ts';
import { addValidateCommand } from './commands/validate.ts';
import { addVersionCommand } from './commands/version.ts';

const commands = [
  addRunCommand,
  addValidateCommand,
  addPlanCommand,
  addApplyCommand,
  addStatusCommand,
  addGetCommand,
  addHistoryCommand,
  addDiffCommand,
  addEventsCommand,
  addRollbackCommand,
  addSuspendCommand,
  addResumeCommand,
  addStopCommand,
  addStartCommand,
  addRestartCommand,
  addApproveCommand,
  addImportCommand,
  addComposeCommand,
  addSettingsCommand,
  addVersionCommand,
];

/** Throws a CommanderError for wrong usage instead of ending the process; see run-program.ts. */
export function buildProgram(
  actions: CliActions,
  io: CliIo,
  exitWith: CommandContext['exitWith'] = () => {},
): Command {
  const program = new Command('shorefast')
    .description('GitOps for Docker hosts: push a commit, and containers, networks and volumes converge.')
    .option('--no-color', 'no colours; so does NO_COLOR in the environment')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // run-program.ts prints errors, because they may be wanted as JSON.
      outputError: () => {},
    });
  const coloredIo = (): CliIo =>
    program.opts<{ color: boolean }>().color ? io : { ...io, env: { ...io.env, NO_COLOR: '1' } };
  const context: CommandContext = {
    actions,
    // Read when a command runs: only then are the options known.
    get io() {
      return coloredIo();
    },
    exitWith,
  };
  for (const addCommand of commands) addCommand(program, context);
  return program;
}
