import type { FastifyReply } from 'fastify';
import type { ErrorView } from '#contract/status.ts';

/** Permanent words of our API, and the HTTP status that goes with each. */
export const statusOfCode = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  HOST_NOT_ALLOWED: 403,
  CROSS_SITE_REQUEST: 403,
  NOT_FOUND: 404,
  STACK_NOT_FOUND: 404,
  SERVICE_NOT_FOUND: 404,
  HISTORY_NOT_FOUND: 404,
  APPROVAL_NOT_FOUND: 404,
  REQUEST_TIMEOUT: 408,
  ROLLBACK_IMPOSSIBLE: 409,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  HEADERS_TOO_LARGE: 431,
  INTERNAL: 500,
  NOT_READY: 503,
  HISTORY_UNAVAILABLE: 503,
  ENGINE_UNAVAILABLE: 503,
  TOO_MANY_STREAMS: 503,
} as const;

export type ApiErrorCode = keyof typeof statusOfCode;

export function toErrorView(code: ApiErrorCode, message: string): ErrorView {
  return { error: { code, message } };
}

export function sendError(reply: FastifyReply, code: ApiErrorCode, message: string): FastifyReply {
  return reply.code(statusOfCode[code]).send(toErrorView(code, message));
}

/** For a refusal by the server itself, known by its status only. */
export function toErrorCode(status: number): ApiErrorCode {
  if (status === 503) return 'INTERNAL';
  const found = Object.entries(statusOfCode).find(([, each]) => each === status);
  if (found !== undefined) return found[0] as ApiErrorCode;
  return status >= 400 && status < 500 ? 'BAD_REQUEST' : 'INTERNAL';
}
