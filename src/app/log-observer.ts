import { describeTarget } from '#domain/format-plan.ts';
import type { CycleObserver } from '#ports/cycle-observer.ts';
import type { Log } from '#ports/log.ts';

/** What happens, in the log: every step with its cause; cycles that did nothing only at `debug`. */
export function createLogObserver(log: Log): CycleObserver {
  return {
    stepEnded(stack, { step, result, durationMs, warnings, failure }) {
      const { reason, message } = step.cause;
      const fields = {
        stack,
        kind: step.kind,
        target: describeTarget(step),
        reason,
        cause: message,
        durationMs: Math.round(durationMs),
      };
      if (failure !== undefined) {
        log.warn('step failed', { ...fields, code: failure.code, message: failure.message });
      } else if (warnings.length > 0) log.warn('step done with warnings', { ...fields, warnings });
      else log.info(result === 'done' ? 'step done' : 'step abandoned', fields);
    },
    cycleEnded({ stack, revision, trigger, result, plan, outcomes, warnings = [], failure, durationMs }) {
      for (const message of warnings) log.warn('comparison was mistaken', { stack, message });
      const fields = {
        stack,
        revision,
        trigger,
        result,
        steps: outcomes.length,
        durationMs: Math.round(durationMs),
      };
      if (failure !== undefined) {
        log.warn('cycle failed', { ...fields, code: failure.code, message: failure.message });
      } else if (plan.blocks.length > 0) {
        log.warn('cycle blocked', { ...fields, blocks: plan.blocks.map((block) => block.message) });
      } else if (outcomes.length > 0) log.info('cycle ended', fields);
      else log.debug('cycle ended', fields);
    },
    stackForgotten: (stack) => log.info('stack gone', { stack }),
    sourceFetched({ result, revision, durationMs, failure }) {
      if (failure !== undefined) log.warn('fetch failed', { code: failure.code, message: failure.message });
      else if (result === 'fetched') log.info('fetched', { revision, durationMs: Math.round(durationMs) });
      else log.debug('fetched', { revision, result, durationMs: Math.round(durationMs) });
    },
  };
}
