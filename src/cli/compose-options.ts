import { type Command, InvalidArgumentError } from 'commander';
import type { ComposeOptions } from './cli-actions.ts';

export type ParsedComposeOptions = {
  readonly project?: string;
  readonly file: readonly string[];
  readonly profile: readonly string[];
  readonly envFile: readonly string[];
  readonly var: Readonly<Record<string, string>>;
};

/** The options of `docker compose` that say which project is meant. */
export function addComposeOptions(command: Command): Command {
  return command
    .argument('[dir]', 'where Compose would be started', '.')
    .option('-p, --project <name>', "the project's name (default: as Compose finds it)")
    .option('-f, --file <file>', 'Compose file; may be repeated (default: as Compose finds them)', add, [])
    .option('--profile <name>', 'profile to choose; may be repeated', add, [])
    .option('--env-file <file>', 'file with variables instead of .env; may be repeated', add, [])
    .option('--var <key=value>', "a variable of Compose's process; may be repeated", addVariable, {});
}

export function toComposeOptions(directory: string, options: ParsedComposeOptions): ComposeOptions {
  return {
    directory,
    ...(options.project !== undefined && { project: options.project }),
    files: options.file,
    profiles: options.profile,
    envFiles: options.envFile,
    variables: options.var,
  };
}

function add(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function addVariable(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const [name = '', ...value] = text.split('=');
  if (name === '' || value.length === 0) throw new InvalidArgumentError('it must be like NAME=value');
  return { ...before, [name]: value.join('=') };
}
