// The daemon: everything wired, started, and stopped again by one signal.
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { toDisplayUrl } from '#adapters/git/git-address.ts';
import { createPinoLog } from '#adapters/log/pino-log.ts';
import { createMetrics, type Metrics } from '#adapters/metrics/metrics.ts';
import { startApiServer } from '#api/server.ts';
import { createRedactor } from '#domain/redactor.ts';
import type { Clock } from '#ports/clock.ts';
import type { Engine } from '#ports/engine.ts';
import type { Log } from '#ports/log.ts';
import { watchEngine } from '#reconcile/watch-engine.ts';
import { createSourceWatch } from '#reconcile/watch-source.ts';
import { buildApiActions } from './api-actions.ts';
import { buildEngine } from './build-engine.ts';
import { buildGitSource } from './build-git-source.ts';
import { buildReconciler, type Reconciler } from './build-reconciler.ts';
import { combineObservers } from './combine-observers.ts';
import { buildHistory } from './history/build-history.ts';
import { createLogObserver } from './log-observer.ts';
import { buildOverrideActions } from './overrides/override-actions.ts';
import { toOwnerId } from './owner-id.ts';
import { buildRoutes } from './routes/build-routes.ts';
import { tellRoutes } from './routes/tell-routes.ts';
import { secretValues } from './settings/secret-values.ts';
import type { Settings } from './settings/settings.ts';
import { createStatusBoard, type StatusBoard } from './status-board.ts';
import { build } from './version.ts';

export type DaemonSignals = {
  readonly stop: AbortSignal;
  /** Registers what is to be done when a reload is asked for (SIGHUP). */
  readonly onReload: (reload: () => void) => void;
};

/** Runs until `stop` fires; then every call under way has ended, or was given up after its grace time. */
export async function runDaemon(settings: Settings, signals: DaemonSignals): Promise<void> {
  const redactor = createRedactor();
  for (const value of secretValues(settings)) redactor.add(value);
  const log = await createPinoLog({ ...settings.log, redactor });
  const clock = createSystemClock();
  const metrics = createMetrics(build);
  const git = buildGitSource(settings);
  const engine = await buildEngine(settings, git, {
    onRequest: metrics.engineRequest,
    onCredentialProblem: (message) => log.warn('registry credentials unusable', { message }),
  });
  const board = createStatusBoard();
  const history = buildHistory({
    settings,
    redactor,
    clock,
    log,
    onWrite: metrics.historyWritten,
    findSource: () => reconciler.source,
  });
  const owner = toOwnerId(settings);
  const addSecret = redactor.add;
  const findNetwork = () => reconciler.source.current().fleet?.network;
  const told = tellRoutes(metrics, log);
  const routes = buildRoutes({ settings, owner, clock, addSecret, findNetwork, ...told });
  const observers = combineObservers(
    [board.observer, metrics.observer, createLogObserver(log), history.observer, routes.observer],
    log,
  );
  const { store } = history;
  const { recordEvidence } = store;
  const parts = { settings, owner, git, engine, clock, observers, kept: store, recordEvidence, addSecret };
  const reconciler = buildReconciler({ ...parts, routes: routes.board });
  const { loop, source, approvals } = reconciler;

  const sourceWatch = createSourceWatch({
    source,
    clock,
    intervalMs: settings.repo.intervalMs,
    sourceFetched: observers.sourceFetched,
    revisionChanged: () => loop.trigger('revision'),
    ticked: () => loop.trigger('timer'),
  });
  const lookNow = (stack?: string): void => {
    void sourceWatch.fetchNow().then(() => {
      loop.trigger('manual', stack);
      routes.lookAnew();
    });
  };
  signals.onReload(() => lookNow());

  const identity = { version: build.version, owner, repoUrl: toDisplayUrl(settings.repo.url ?? '') };
  const overrideActions = buildOverrideActions({ ...reconciler, owner, store, clock });
  const listOverrides = (stack: string) => store.listOverrides(stack);
  const known = { identity, board, source, loop, approvals, history, listOverrides };
  const proxy = { routes: routes.board, npmUrl: settings.npm.url };
  const actions = buildApiActions({ ...known, ...proxy, lookNow, overrideActions });
  const redact = (value: unknown): unknown => redactor.redactDeep(value);
  const api = await startApiServer({ ...settings.api, actions, metrics, log, redact });
  log.info('started', { ...build, owner, api: api.url, repo: identity.repoUrl });
  try {
    await source.recover();
    await Promise.all([
      loop.run(signals.stop),
      sourceWatch.run(signals.stop),
      watchEngine(toEngineWatch({ engine, reconciler, board, metrics, clock, log }), signals.stop),
      runAudit(reconciler, clock, settings.reconcile.auditIntervalMs, signals.stop),
      history.run(signals.stop),
      routes.run(reconciler, signals.stop),
    ]);
  } finally {
    await api.close();
    engine.close();
    history.close();
    log.info('stopped');
  }
}

type EngineWatchParts = {
  readonly engine: Engine;
  readonly reconciler: Reconciler;
  readonly board: StatusBoard;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
};

function toEngineWatch({ engine, reconciler, board, metrics, clock, log }: EngineWatchParts) {
  const { loop, observer, engineFacts, source } = reconciler;
  return {
    engine,
    observer,
    isStack: (name: string) => source.stack(name) !== undefined,
    clock,
    log,
    trigger: loop.trigger.bind(loop),
    connected: (info: Parameters<typeof engineFacts.take>[0]) => {
      engineFacts.take(info);
      board.setEngine({ reachable: true, info });
    },
    disconnected: (message: string) => {
      metrics.eventsReconnected();
      board.setEngine({ reachable: false, message });
    },
  };
}

/** From time to time everything is inspected afresh, for what neither an event nor a listing has told. */
async function runAudit(
  { loop, observer }: Reconciler,
  clock: Clock,
  intervalMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(intervalMs, signal);
    observer.dropAllDetails();
    loop.trigger('audit');
  }
}
