// What `plan` and `apply` share: the daemon's own parts, without its watching.
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import type { Clock } from '#ports/clock.ts';
import type { CycleObserver } from '#ports/cycle-observer.ts';
import type { Engine } from '#ports/engine.ts';
import type { Log } from '#ports/log.ts';
import { buildEngine } from './build-engine.ts';
import { buildGitSource } from './build-git-source.ts';
import { buildReconciler, type Reconciler } from './build-reconciler.ts';
import { combineObservers } from './combine-observers.ts';
import { toOwnerId } from './owner-id.ts';
import type { Settings } from './settings/settings.ts';

export type OneShot = {
  readonly owner: string;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly reconciler: Reconciler;
  readonly revision: string;
};

/** A one-shot command tells its user by itself. */
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Ready to work at the newest revision. @throws Failure when it cannot be fetched or read */
export async function openOneShot(
  settings: Settings,
  signal: AbortSignal,
  observer: CycleObserver = {},
): Promise<OneShot> {
  const clock = createSystemClock();
  const owner = toOwnerId(settings);
  const git = buildGitSource(settings);
  const engine = await buildEngine(settings, git, {
    onRequest: () => undefined,
    onCredentialProblem: () => undefined,
  });
  const observers = combineObservers([observer], silent);
  const reconciler = buildReconciler({
    settings,
    owner,
    git,
    engine,
    clock,
    observers,
  });
  const { failure } = await reconciler.source.refresh(signal);
  if (failure !== undefined) throw failure;
  return { owner, clock, engine, reconciler, revision: reconciler.source.current().revision ?? '' };
}
