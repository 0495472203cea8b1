// Between one process and the engine: calls take time, fail before they arrive, or lose their answer on the way
// back; and the process may be killed between any two of them, or in the middle of one.
import type { Step } from '#domain/plan.ts';
import type { Clock } from '#ports/clock.ts';
import { type Engine, EngineError } from '#ports/engine.ts';
import type { MemoryEngine } from '#test/support/memory-engine.ts';
import type { Random } from './random.ts';

export type Weather = {
  /** 0: fair. */
  faultRate: number;
  isEngineDown: boolean;
};

export type LinkParts = {
  readonly engine: MemoryEngine;
  readonly clock: Clock;
  readonly random: Random;
  readonly weather: Weather;
  readonly latencyMs: number;
  readonly isGone: () => boolean;
  /** Given every step that arrives, and the engine's part of it. */
  readonly perform: (step: Step, run: () => Promise<unknown>) => Promise<void>;
  /** Told of every step twice: before it arrives, and before its answer does. */
  readonly passing: () => void;
};

type Fault = 'none' | 'not done' | 'done, unanswered';

/** One for each who waits: a promise keeps all that wait for it. */
function forEver(): Promise<never> {
  return new Promise(() => undefined);
}

export function createLink(parts: LinkParts): Engine {
  const { engine, clock, random, weather, latencyMs, isGone } = parts;

  async function travel(signal: AbortSignal): Promise<void> {
    await clock.sleep(Math.ceil(latencyMs * random.next()), signal);
    if (isGone()) await forEver();
    if (signal.aborted) throw new EngineError('ENGINE_UNREACHABLE', 'given up');
    if (weather.isEngineDown) throw new EngineError('ENGINE_UNREACHABLE', 'the engine is down');
  }

  function drawFault(): Fault {
    if (weather.faultRate === 0 || !random.chance(weather.faultRate)) return 'none';
    return random.pick(['not done', 'done, unanswered']);
  }

  function toError(fault: Fault): EngineError {
    if (fault === 'done, unanswered') return new EngineError('ENGINE_TIMEOUT', 'no answer in time');
    return random.pick([
      new EngineError('ENGINE_FAILED', 'something went wrong', { status: 500 }),
      new EngineError('ENGINE_CONFLICT', 'not now', { status: 409 }),
      new EngineError('ENGINE_UNREACHABLE', 'the connection was cut'),
    ]);
  }

  async function ask<T>(signal: AbortSignal, answer: () => Promise<T>): Promise<T> {
    await travel(signal);
    const fault = drawFault();
    if (fault !== 'none') throw toError(fault);
    const told = await answer();
    await travel(signal);
    return told;
  }

  return {
    info: (signal) => ask(signal, () => engine.info(signal)),
    observe: (signal) => ask(signal, () => engine.observe(signal)),
    inspect: (id, signal) => ask(signal, () => engine.inspect(id, signal)),
    readLogs: (id, lines, signal) => ask(signal, () => engine.readLogs(id, lines, signal)),
    exec: (id, command, signal) => ask(signal, () => engine.exec(id, command, signal)),
    async run(step, signal) {
      parts.passing();
      await travel(signal);
      if (step.kind === 'pull-image') await clock.sleep(latencyMs * 10, signal);
      const fault = drawFault();
      if (fault === 'not done') throw toError(fault);
      const work = parts.perform(step, () => engine.run(step, signal));
      // The engine goes on with it, whoever has stopped listening.
      if (fault === 'done, unanswered') work.catch(() => undefined);
      else await work;
      parts.passing();
      await travel(signal);
      if (fault !== 'none') throw toError(fault);
      return { warnings: [] };
    },
    async watch(onEvent, signal) {
      await travel(signal);
      await engine.watch((event) => {
        if (!isGone()) onEvent(event);
      }, signal);
    },
    close: () => undefined,
  };
}
