// What `plan` and `apply` share: the daemon's own parts, without its watching.
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createUnkept, type KeptOptions, openKept } from '#adapters/store/open-kept.ts';
import type { KeptFacts } from '#cli/cli-actions.ts';
import { createRedactor } from '#domain/redactor.ts';
import type { Clock } from '#ports/clock.ts';
import type { CycleObserver } from '#ports/cycle-observer.ts';
import type { Engine } from '#ports/engine.ts';
import type { Log } from '#ports/log.ts';
import type { OverrideStore } from '#ports/store.ts';
import { buildEngine } from './build-engine.ts';
import { buildGitSource } from './build-git-source.ts';
import { buildReconciler, type Reconciler } from './build-reconciler.ts';
import { combineObservers } from './combine-observers.ts';
import { toHistoryPath } from './history/history-path.ts';
import { toOwnerId } from './owner-id.ts';
import { buildRoutes, type Routes, type RoutesParts } from './routes/build-routes.ts';
import { secretValues } from './settings/secret-values.ts';
import type { Settings } from './settings/settings.ts';

export type OneShot = {
  readonly owner: string;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly reconciler: Reconciler;
  readonly routes: Routes;
  readonly revision: string;
  /** What a daemon keeps in the same data directory; absent: nothing. */
  readonly kept: KeptFacts | undefined;
};

export type OneShotOptions = {
  /** Whether what is found out is kept for the daemon, too. */
  readonly mode: KeptOptions['mode'];
  readonly observer?: CycleObserver;
  readonly tell?: Pick<RoutesParts, 'stepEnded' | 'looked'>;
};

/** A one-shot command tells its user by itself. */
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Ready to work at the newest revision. @throws Failure when it, or what a daemon keeps, cannot be read */
export async function openOneShot(
  settings: Settings,
  signal: AbortSignal,
  { mode, observer = {}, tell = {} }: OneShotOptions,
): Promise<OneShot> {
  const clock = createSystemClock();
  const owner = toOwnerId(settings);
  const redactor = createRedactor();
  for (const value of secretValues(settings)) redactor.add(value);
  const path = toHistoryPath(settings);
  const kept = openKept({ path, redactor, mode });
  const keptFacts = kept && toKeptFacts(path, kept);
  const git = buildGitSource(settings);
  const engine = await buildEngine(settings, git, {
    onRequest: () => undefined,
    onCredentialProblem: () => undefined,
  });
  const addSecret = redactor.add;
  const findNetwork = () => reconciler.source.current().fleet?.network;
  const routes = buildRoutes({ settings, owner, clock, addSecret, findNetwork, ...tell });
  const reconciler = buildReconciler({
    settings,
    owner,
    git,
    engine,
    clock,
    observers: combineObservers([observer, routes.observer], silent),
    routes: routes.board,
    kept: kept ?? createUnkept(),
    addSecret,
  });
  const { failure } = await reconciler.source.refresh(signal);
  if (failure !== undefined) throw failure;
  const revision = reconciler.source.current().revision ?? '';
  return { owner, clock, engine, reconciler, routes, revision, kept: keptFacts };
}

/** Before anything has come to its end, or to be. */
function toKeptFacts(path: string, kept: OverrideStore): KeptFacts {
  return {
    path,
    holds: kept.listHolds().length,
    overrides: kept.listOverrides().length,
    approvals: kept.listApprovals().length,
  };
}
