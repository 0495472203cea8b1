import type { ComposeRequestsView } from '#contract/compose-requests-view.ts';
import type { ComposeConfigView } from '#contract/compose-view.ts';
import type { ImportView } from '#contract/import-view.ts';
import type { ValidateView, VersionView } from '#contract/plan-view.ts';
import type { RouteView } from '#contract/routes.ts';
import type { SettingEntry } from '#contract/setting-entry.ts';
import type { CycleReport, FailureFacts } from '#domain/outcome.ts';
import type { Plan } from '#domain/plan.ts';
import type { Problem } from '#domain/problem.ts';
import type { RouteOutcome } from '#domain/routes/route-outcome.ts';
import type { RoutePlan } from '#domain/routes/route-plan.ts';

/** What the commands need done. Expected failures are thrown as errors with a `code`. */
export type CliActions = {
  /** The daemon; ends when it was told to stop. */
  run(options: SettingsOptions): Promise<void>;
  /** Offline: needs nothing but the directory. */
  validate(path: string): Promise<ValidateView>;
  plan(options: SettingsOptions): Promise<PlanResult>;
  /** Cycles until every stack has converged, stands still, or the time is up. */
  apply(options: ApplyOptions, onProgress: (progress: ApplyProgress) => void): Promise<ApplyResult>;
  importCompose(options: ImportComposeOptions): Promise<ImportView>;
  importRunning(options: ImportRunningOptions): Promise<ImportView>;
  importNpm(options: ImportNpmOptions): Promise<ImportView>;
  /** Offline, as Docker Compose would print it. */
  composeConfig(options: ComposeOptions, format: 'json' | 'yaml'): Promise<ComposeConfigView>;
  composeRequests(options: ComposeOptions, apiVersion: string): Promise<ComposeRequestsView>;
  settings(options: SettingsOptions): Promise<readonly SettingEntry[]>;
  version(): Promise<VersionView>;
  /** Where the daemon's API is, by the settings. */
  apiAccess(options: SettingsOptions): Promise<ApiAccess>;
};

export type SettingsOptions = {
  readonly settingsFile?: string;
  /** By setting path: `{ 'repo.url': '…' }`. */
  readonly flags: Readonly<Record<string, string>>;
};

export type ApplyOptions = SettingsOptions & {
  readonly timeoutMs: number;
  /** The token of a removal that a plan asked approval for. */
  readonly approvePrune?: string;
};

export type ImportComposeOptions = {
  /** With the Compose file. */
  readonly directory: string;
  /** Directory of the app. */
  readonly out: string;
  readonly name?: string;
  readonly force: boolean;
  /** Copy .env, env files and secrets, which may hold what does not belong into a repository. */
  readonly withEnv: boolean;
};

export type ImportRunningOptions = SettingsOptions & {
  /** Each app gets a directory in it. */
  readonly out: string;
  /** A Compose project, or a container that belongs to none; absent: all. */
  readonly project?: string;
  readonly force: boolean;
};

export type ImportNpmOptions = SettingsOptions & {
  /** Root of the state repo; what is in it is looked at. */
  readonly out: string;
  readonly force: boolean;
  /** Take raw nginx configuration along, which may hold what does not belong into a repository. */
  readonly withAdvanced: boolean;
};

/** A Compose project on disk, as `docker compose` would be told of it. */
export type ComposeOptions = {
  /** Where Compose would be started. */
  readonly directory: string;
  readonly project?: string;
  /** Empty: found by their usual names. */
  readonly files: readonly string[];
  readonly profiles: readonly string[];
  /** Empty: `.env`. */
  readonly envFiles: readonly string[];
  /** All variables of Compose's process; the environment of ours is not looked at. */
  readonly variables: Readonly<Record<string, string>>;
};

/** What failures and people have laid over Git, as a daemon keeps it in this file. How many of each. */
export type KeptFacts = {
  readonly path: string;
  readonly holds: number;
  readonly overrides: number;
  readonly approvals: number;
};

export type PlanResult = {
  readonly revision: string;
  /** One a stack, in name order, empty ones too. */
  readonly plans: readonly Plan[];
  /** Of the proxy, or why it could not be looked at; absent: there is none. */
  readonly routes?: RoutePlan | FailureFacts;
  readonly problems: readonly Problem[];
  /** Absent: there is no such file. */
  readonly kept?: KeptFacts;
};

export type ApplyProgress =
  | { readonly kind: 'fetched'; readonly revision: string; readonly kept?: KeptFacts }
  | { readonly kind: 'cycle'; readonly report: CycleReport }
  | { readonly kind: 'route-step'; readonly outcome: RouteOutcome };

export type ApplyResult = {
  readonly revision: string;
  /** The last report of each stack, in name order. */
  readonly reports: readonly CycleReport[];
  /** Of the proxy; absent: there is none. */
  readonly routes?: readonly RouteView[];
  /** Why the proxy could not be looked at; absent: it could. */
  readonly proxyFailure?: FailureFacts;
  readonly problems: readonly Problem[];
  readonly timedOut: boolean;
};

export type ApiAccess = { readonly url: string; readonly token?: string };
