import { jitterMs } from '#domain/retry-delay.ts';
import type { Clock } from '#ports/clock.ts';
import type { SourceFetch } from '#ports/cycle-observer.ts';
import type { Source } from './source.ts';
import { createWake } from './wake.ts';

export type SourceWatch = {
  /** Asks for a fetch now; answers when it is over. */
  fetchNow(): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
};

export type SourceWatchDeps = {
  readonly source: Source;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly sourceFetched: (fetch: SourceFetch) => void;
  readonly revisionChanged: () => void;
  /** After every fetch: events get lost, so the host is looked at as often as Git is. */
  readonly ticked: () => void;
};

/** Polls the state repo. Fetches never overlap: one that is asked for during another follows it. */
export function createSourceWatch(deps: SourceWatchDeps): SourceWatch {
  const { source, clock } = deps;
  const wake = createWake(clock);
  let waiting: (() => void)[] = [];

  async function fetchOnce(signal: AbortSignal): Promise<void> {
    const served = waiting;
    waiting = [];
    const before = source.current().revision;
    const fetch = await source.refresh(signal);
    deps.sourceFetched(fetch);
    if (source.current().revision !== before) deps.revisionChanged();
    else deps.ticked();
    for (const serve of served) serve();
  }

  return {
    fetchNow: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        wake.ring();
      }),
    async run(signal) {
      while (!signal.aborted) {
        await fetchOnce(signal);
        if (waiting.length === 0) await wake.wait(jitterMs(deps.intervalMs, clock.random()), signal);
      }
      for (const serve of waiting) serve();
    },
  };
}
