import { EngineError } from '#ports/engine.ts';

/**
 * Gives work a signal that fires with the caller's, or when the time is up. Work that does not end by itself
 * then is left behind, so that nothing can wait for ever.
 * @throws EngineError ENGINE_TIMEOUT; the caller's own reason when it was the caller
 */
export async function withDeadline<T>(
  limit: { readonly operation: string; readonly deadlineMs: number; readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  limit.signal.throwIfAborted();
  const own = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `${limit.operation}: the engine gave no whole answer within ${limit.deadlineMs} ms`;
    own.abort(new EngineError('ENGINE_TIMEOUT', message));
  }, limit.deadlineMs);
  const onAbort = () => own.abort(limit.signal.reason);
  limit.signal.addEventListener('abort', onAbort, { once: true });
  own.signal.addEventListener('abort', () => reject(own.signal.reason), { once: true });
  const running = work(own.signal);
  try {
    return await Promise.race([running, ended]);
  } finally {
    clearTimeout(timer);
    limit.signal.removeEventListener('abort', onAbort);
    // Whichever of the two has lost may still reject; its reason is told already.
    running.catch(() => undefined);
    ended.catch(() => undefined);
  }
}
