import { type Command, InvalidArgumentError } from 'commander';
import type { SettingsOptions } from './cli-actions.ts';

/** The settings that are often given by hand; every other one by `--set`. No secret is among them. */
const flags = {
  repoUrl: ['repo.url', '--repo-url <url>', 'state repo'],
  repoBranch: ['repo.branch', '--repo-branch <name>', 'branch to follow'],
  repoPath: ['repo.path', '--repo-path <path>', 'directory inside the repo'],
  owner: ['owner', '--owner <name>', 'name that marks what is ours'],
  dataDirectory: ['dataDirectory', '--data-directory <path>', 'where the daemon keeps its files'],
  dockerHost: ['docker.host', '--docker-host <address>', 'address of the Docker Engine'],
  apiHost: ['api.host', '--api-host <address>', 'address the HTTP API listens at'],
  apiPort: ['api.port', '--api-port <port>', 'port of the HTTP API'],
  logLevel: ['log.level', '--log-level <level>', 'what is logged'],
  logFormat: ['log.format', '--log-format <format>', 'how it is logged'],
} as const;

type ParsedOptions = { readonly [Name in keyof typeof flags]?: string } & {
  readonly settings?: string;
  readonly set?: Readonly<Record<string, string>>;
};

export function addSettingsOptions(command: Command): Command {
  command.option('--settings <file>', 'settings file (default: /data/shorefast.yaml)');
  command.option(
    '--set <path=value>',
    'any setting, such as repo.interval=30s; may be repeated',
    collect,
    {},
  );
  for (const [, flag, description] of Object.values(flags)) command.option(flag, description);
  return command;
}

export function toSettingsOptions(options: ParsedOptions): SettingsOptions {
  const named = Object.entries(flags).flatMap(([name, [path]]) => {
    const value = options[name as keyof typeof flags];
    return value === undefined ? [] : [[path, value] as const];
  });
  return {
    flags: { ...options.set, ...Object.fromEntries(named) },
    ...(options.settings !== undefined && { settingsFile: options.settings }),
  };
}

function collect(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [path = '', ...value] = text.split('=');
  if (path === '' || value.length === 0) throw new InvalidArgumentError('it must be like repo.interval=30s');
  return { ...before, [path]: value.join('=') };
}
