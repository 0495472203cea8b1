import type { Engine, EngineInfo } from '#ports/engine.ts';

/** What the engine says of itself, asked once for each connection and not once for each cycle. */
export type EngineFacts = {
  /** @throws EngineError */
  read(signal: AbortSignal): Promise<EngineInfo>;
  /** After a reconnection: it may have been upgraded. */
  take(info: EngineInfo): void;
};

export function createEngineFacts(engine: Engine): EngineFacts {
  let known: EngineInfo | undefined;
  return {
    async read(signal) {
      known ??= await engine.info(signal);
      return known;
    },
    take: (info) => {
      known = info;
    },
  };
}
