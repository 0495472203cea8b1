import { EngineError, type EngineErrorCode } from '#ports/engine.ts';

// Engines of different age use different status codes for one fault, and one code for many, so the text
// decides where the code does not. Only this file reads messages.

const longestMessage = 600;

/** What an answer other than success means. */
export function toEngineError(operation: string, status: number, body: string): EngineError {
  const text = readMessage(body);
  const code = classify(status, text);
  const isHopeless = code === 'ENGINE_INVALID_REQUEST' || code === 'ENGINE_API_TOO_OLD';
  return new EngineError(code, `${operation}: ${text || `the engine answered ${status}`}`, {
    reaction: isHopeless ? 'stall' : 'retry',
    status,
  });
}

/** What a connection that failed means. */
export function toConnectionError(host: string, cause: unknown): EngineError {
  const code = codeOf(cause);
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such socket',
    ECONNREFUSED: 'nothing listens there',
    EACCES: 'permission denied',
    ECONNRESET: 'the connection was cut',
    EPIPE: 'the connection was cut',
    ERR_STREAM_PREMATURE_CLOSE: 'the connection was cut',
  };
  const reason = reasons[code] ?? (cause instanceof Error ? cause.message : 'the connection failed');
  return new EngineError('ENGINE_UNREACHABLE', `no Docker Engine answers at ${host}: ${reason}`, { cause });
}

/** The other side closed: while idle (the request never arrived), or before its answer was whole. */
export function isCutConnection(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(codeOf(error));
}

/** The engine speaks another API than when we asked: it was exchanged under us. */
export function isVersionMismatch(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'ENGINE_API_TOO_OLD';
}

export function hasStatus(error: unknown, ...statuses: readonly number[]): error is EngineError {
  return error instanceof EngineError && error.status !== undefined && statuses.includes(error.status);
}

/** `{"message": …}` of Docker, `{"cause", "message"}` of Podman, or plain text of what stands before them. */
export function readMessage(body: string): string {
  let text = body;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) text = String(parsed.message);
  } catch {
    // Not JSON: the text itself is the message.
  }
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line;
}

function classify(status: number, text: string): EngineErrorCode {
  if (/client version .* is too (new|old)/.test(text)) return 'ENGINE_API_TOO_OLD';
  if (/port is already allocated|address already in use|ports are not available/i.test(text)) {
    return 'ENGINE_PORT_TAKEN';
  }
  if (status === 404) return 'ENGINE_NOT_FOUND';
  if (status === 409 || status === 403) return 'ENGINE_CONFLICT';
  if (/already (in use|exists)|has active endpoints/.test(text)) return 'ENGINE_CONFLICT';
  if (status === 400) return 'ENGINE_INVALID_REQUEST';
  return 'ENGINE_FAILED';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
