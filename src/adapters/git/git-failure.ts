import { GitError } from '#ports/git-source.ts';
import { printable } from './git-address.ts';

const timeoutCodes = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

/**
 * What a failed request or read means. The caller's own abort stays what it is (its reason), so that a stopping
 * daemon is not mistaken for a broken remote.
 */
export function toGitError(error: unknown, where: string, signal: AbortSignal): Error {
  if (error instanceof GitError) return error;
  if (signal.aborted) return toAbortError(signal.reason, where);
  const code = codeOf(error);
  if (timeoutCodes.has(code)) {
    return new GitError('GIT_TIMEOUT', `${where} did not answer in time (${code})`, { cause: error });
  }
  return new GitError('GIT_UNREACHABLE', `${where} could not be reached: ${describe(error, code)}`, {
    cause: error,
  });
}

/** @throws GitError GIT_TIMEOUT, or the reason of the caller's abort */
export function throwIfAborted(signal: AbortSignal, where: string): void {
  if (signal.aborted) throw toAbortError(signal.reason, where);
}

/** For what is read from an object database: whatever the library threw, the data is not as it should be. */
export function toCorruptError(error: unknown, what: string): GitError {
  if (error instanceof GitError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new GitError('GIT_CORRUPT', `${what} could not be read: ${printable(text)}`, { cause: error });
}

function toAbortError(reason: unknown, where: string): Error {
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new GitError('GIT_TIMEOUT', `${where}: the fetch did not end within its time limit`, {
      cause: reason,
    });
  }
  return reason instanceof Error ? reason : new DOMException('The fetch was abandoned', 'AbortError');
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return code === '' && error.cause !== undefined ? codeOf(error.cause) : code;
}

function describe(error: unknown, code: string): string {
  // A name with several addresses fails with an AggregateError, whose own message is empty.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const text = first instanceof Error ? first.message : String(first);
  return printable(code === '' || text.includes(code) ? text : `${text} (${code})`);
}
