import { ProxyError, type ProxyErrorCode } from '#ports/proxy.ts';
import type { NpmAnswer, NpmCall } from './npm-call.ts';
import { toLine } from './one-line.ts';

// NPM answers one fault with different codes in different versions, and different faults with one code, so
// the message decides where the code does not. Only this file reads messages.

/** What an answer other than success means. */
export function toAnswerError(call: NpmCall, answer: NpmAnswer): ProxyError {
  const { status } = answer;
  const text = readCertbotLine(answer) || readMessage(answer);
  const code = classify(call, answer);
  const what = `${call.method} ${call.path.replace(/\?.*/, '')}`;
  const stalls = code === 'PROXY_INVALID_REQUEST' || code === 'PROXY_DENIED';
  const message = code === 'PROXY_DENIED' ? `the account may not ${what}` : `${what}: ${text || status}`;
  return new ProxyError(code, message, { status, reaction: stalls ? 'stall' : 'retry' });
}

function classify(call: NpmCall, answer: NpmAnswer): ProxyErrorCode {
  const { status } = answer;
  const text = readMessage(answer);
  if (status >= 502 && status <= 504) return 'PROXY_UNREACHABLE';
  // With an HTML page, or none at all: not NPM.
  if (text === '') return 'PROXY_UNKNOWN_ANSWER';
  if (/is already in use/.test(text)) return 'PROXY_CONFLICT';
  if (status === 401 || status === 403 || isDeniedPath(call, answer)) return 'PROXY_DENIED';
  if (status === 400 || status === 413 || status === 422) return 'PROXY_INVALID_REQUEST';
  return status >= 400 ? 'PROXY_FAILED' : 'PROXY_UNKNOWN_ANSWER';
}

/** What a connection that failed means. */
export function toConnectionError(url: string, cause: unknown): ProxyError {
  if (cause instanceof ProxyError) return cause;
  const reasons: Record<string, string> = {
    ECONNREFUSED: 'nothing listens there',
    ECONNRESET: 'the connection was cut',
    EPIPE: 'the connection was cut',
    UND_ERR_SOCKET: 'the connection was cut',
    ENOTFOUND: 'there is no such host',
    UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  };
  const code = codeOf(cause);
  const text = reasons[code] ?? (cause instanceof Error ? toLine(cause.message) : 'the connection failed');
  return new ProxyError('PROXY_UNREACHABLE', `no Nginx Proxy Manager answers at ${url}: ${text}`, { cause });
}

/** Whether the token is surely to blame: nothing was done, and a new one may help. */
export function isTokenRefused(answer: NpmAnswer): boolean {
  return (
    answer.status === 401 || (answer.status === 400 && readMessage(answer).startsWith('Token has expired'))
  );
}

/**
 * Whether the token may be to blame. A missing permission looks the same, and so does a failure inside: a
 * forged token is a 500, and so is no token at all on a write. Asking who we are tells them apart.
 */
export function mayBeTokenRefused(call: NpmCall, answer: NpmAnswer): boolean {
  return answer.status === 403 || answer.status === 500 || isDeniedPath(call, answer);
}

/** Denied is a 404 in 2.13 to 2.15.1, with the request's own path; what is absent is named by its number. */
function isDeniedPath(call: NpmCall, answer: NpmAnswer): boolean {
  return answer.status === 404 && readMessage(answer) === `Not Found - ${call.path.replace(/\?.*/, '')}`;
}

/** The object is not there. */
export function isAbsent(error: unknown): error is ProxyError {
  return error instanceof ProxyError && error.code === 'PROXY_FAILED' && error.status === 404;
}

/** The write may have been done, in whole or in part: only reading tells. */
export function isUnsure(error: unknown): error is ProxyError {
  if (!(error instanceof ProxyError)) return false;
  return isCut(error) || error.code === 'PROXY_TIMEOUT' || error.status === 500;
}

/** The answer was lost, not late: whoever was to give it does nothing more. */
export function isCut(error: ProxyError): boolean {
  return error.code === 'PROXY_UNREACHABLE';
}

/** `{error: {message}}`, or `{error: "…"}`; '' when it is neither. */
export function readMessage({ body }: NpmAnswer): string {
  const error = isRecord(body) ? body['error'] : undefined;
  const message = isRecord(error) ? error['message'] : error;
  return typeof message === 'string' ? toLine(message) : '';
}

/** Of certbot, whose output stands among stack traces: the last line that says something. */
function readCertbotLine({ body }: NpmAnswer): string {
  const debug = isRecord(body) ? body['debug'] : undefined;
  const stack = isRecord(debug) ? debug['stack'] : undefined;
  if (!Array.isArray(stack)) return '';
  const lines = stack
    .filter((line) => typeof line === 'string')
    .map(toLine)
    .filter((line) => line !== '' && !certbotNoise.test(line));
  return lines.findLast((line) => line.startsWith('Detail:')) ?? lines.at(-1) ?? '';
}

const certbotNoise =
  /^(at |Error: Saving debug log|Saving debug log|Ask for help|See the logfile|Some challenges have failed|An unexpected error occurred)/;

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
