import type { FailureFacts } from '#domain/outcome.ts';
import { Failure } from '#ports/failure.ts';

/** What went wrong, as a value. An error that no port announced is our bug: it is retried, and says so. */
export function toFailureFacts(error: unknown): FailureFacts {
  if (error instanceof Failure) {
    return { code: error.code, message: error.message, reaction: error.reaction };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL_ERROR', message: `unexpected: ${message}`, reaction: 'retry' };
}
