import type { ProbeAnswer, ProbeRequest } from '#domain/probe.ts';

/** Asks containers whether they do their work. */
export type Prober = {
  /** One attempt, which ends by its own deadline or by the signal. Whatever goes wrong is an answer: it never rejects. */
  probe(request: ProbeRequest, signal: AbortSignal): Promise<ProbeAnswer>;
};
