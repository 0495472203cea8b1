import type { CycleObserver } from '#ports/cycle-observer.ts';
import type { Log } from '#ports/log.ts';

/** Tells all of them, and lets none of them fail the loop: a side channel never fails a deploy. */
export function combineObservers(observers: readonly CycleObserver[], log: Log): Required<CycleObserver> {
  function tell(call: (observer: CycleObserver) => void): void {
    for (const observer of observers) {
      try {
        call(observer);
      } catch (error) {
        log.error('observer failed', { error });
      }
    }
  }
  return {
    cycleEnded: (report) => tell((observer) => observer.cycleEnded?.(report)),
    stepEnded: (stack, outcome) => tell((observer) => observer.stepEnded?.(stack, outcome)),
    stackForgotten: (stack) => tell((observer) => observer.stackForgotten?.(stack)),
    sourceFetched: (fetch) => tell((observer) => observer.sourceFetched?.(fetch)),
  };
}
