import { retryDelayMs } from '#domain/retry-delay.ts';
import type { Clock } from '#ports/clock.ts';
import type { Engine, EngineEvent, EngineInfo } from '#ports/engine.ts';
import type { Log } from '#ports/log.ts';

import { toFailureFacts } from './failure-facts.ts';
import type { Observer } from './observe.ts';
import type { TriggerReason } from './stack-state.ts';

const lastingMs = 30_000;
const longestPauseMs = 10_000;

export type EngineWatchDeps = {
  readonly engine: Engine;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly log: Log;
  readonly trigger: (reason: TriggerReason, stack?: string, isLast?: boolean) => void;
  readonly isStack: (name: string) => boolean;
  readonly connected: (info: EngineInfo) => void;
  readonly disconnected: (message: string) => void;
};

/**
 * Turns engine events into triggers. Events are hints and get lost (the engine keeps 256 of them, none over
 * its own restart), so after every (re)connection everything is looked at afresh.
 */
export async function watchEngine(deps: EngineWatchDeps, signal: AbortSignal): Promise<void> {
  let failures = 0;
  let connectedAtMs = 0;
  while (!signal.aborted) {
    try {
      deps.connected(await deps.engine.info(signal));
      deps.observer.dropAllDetails();
      deps.trigger('engine');
      connectedAtMs = deps.clock.monotonicMs();
      await deps.engine.watch((event) => take(event, deps), signal);
      if (!signal.aborted) deps.disconnected('the event stream ended');
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = toFailureFacts(error);
      deps.disconnected(message);
      deps.log.warn('engine connection lost', { code, message });
    }
    // A stream that is refused or cut at once, by a socket proxy for instance, is no connection.
    const hasLived = connectedAtMs > 0 && deps.clock.monotonicMs() - connectedAtMs > lastingMs;
    failures = hasLived ? 1 : failures + 1;
    connectedAtMs = 0;
    await deps.clock.sleep(Math.min(longestPauseMs, retryDelayMs(failures, deps.clock.random())), signal);
  }
}

function take(event: EngineEvent, deps: EngineWatchDeps): void {
  deps.observer.noteEvent(event);
  // What others do with their containers concerns us only when it frees a name or a port.
  const isForeign = event.type === 'container' && event.stack === undefined;
  if (!isForeign || ['die', 'destroy', 'rename'].includes(event.action)) {
    // Nothing more will be told of what is gone, and no listing shows it any more.
    deps.trigger('event', event.stack, event.action === 'destroy');
    return;
  }
  // Docker Compose started it, and a stack of that name may have taken it over.
  if (event.project !== undefined && deps.isStack(event.project)) deps.trigger('event', event.project);
}
