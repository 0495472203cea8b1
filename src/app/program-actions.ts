// What the commands of the CLI need done. Everything heavy is imported when a command asks for it, so that
// `shorefast version` does not wait for a Git library.
import { readFile } from 'node:fs/promises';
import type { CliActions, SettingsOptions } from '#cli/cli-actions.ts';
import type { Settings } from './settings/settings.ts';
import { build } from './version.ts';

export type ProcessSignals = {
  readonly stop: AbortSignal;
  readonly onReload: (reload: () => void) => void;
};

export function createProgramActions(signals: ProcessSignals): CliActions {
  return {
    async run(options) {
      const { runDaemon } = await import('./daemon.ts');
      await runDaemon(await readSettings(options), signals);
    },
    async validate(path) {
      const { validate } = await import('./validate.ts');
      return validate(path, await readSettings({ flags: {} }));
    },
    async plan(options) {
      const { planOnce } = await import('./plan-once.ts');
      return planOnce(await readSettings(options), signals.stop);
    },
    async apply(options, tell) {
      const { applyOnce } = await import('./apply-once.ts');
      return applyOnce(await readSettings(options), options, tell, signals.stop);
    },
    async importCompose(options) {
      const { importCompose } = await import('./import/import-compose.ts');
      return importCompose(options, await readSettings({ flags: {} }));
    },
    async importRunning(options) {
      const { importRunning } = await import('./import/import-running.ts');
      return importRunning(options, await readSettings(options), signals.stop);
    },
    async importNpm(options) {
      const { importNpm } = await import('./import/import-npm.ts');
      return importNpm(options, await readSettings(options), signals.stop);
    },
    async composeConfig(options, format) {
      const { composeConfig } = await import('./compose/compose-config.ts');
      return composeConfig(options, format, process.env['HOME']);
    },
    async composeRequests(options, apiVersion) {
      const { requestsOfDirectory } = await import('./compose/compose-requests.ts');
      return requestsOfDirectory(options, apiVersion, process.env['HOME']);
    },
    async settings(options) {
      return (await load(options)).entries;
    },
    async version() {
      return { ...build, node: process.versions.node };
    },
    async apiAccess(options) {
      const { toApiAccess } = await import('./settings/api-access.ts');
      return toApiAccess(await readSettings(options));
    },
  };
}

async function readSettings(options: SettingsOptions): Promise<Settings> {
  return (await load(options)).settings;
}

async function load(options: SettingsOptions) {
  const { loadSettings } = await import('./settings/load-settings.ts');
  return loadSettings({ ...options, env: process.env, readFile: (path) => readFile(path, 'utf8') });
}
