import { randomUUID } from 'node:crypto';

/** An answer with a status of 400 or more. What is not `public` is answered as "Internal Error". */
export class NpmError extends Error {
  readonly status: number;
  readonly isPublic: boolean;
  readonly messageI18n: unknown;
  /** Shown below `/nginx/certificates` only, where NPM always tells its stack traces. */
  readonly previous: unknown;
  readonly stackLines: readonly string[] | undefined;

  constructor(
    status: number,
    message: string,
    more: {
      isPublic?: boolean;
      messageI18n?: unknown;
      previous?: unknown;
      stackLines?: readonly string[];
    } = {},
  ) {
    super(message);
    this.status = status;
    this.isPublic = more.isPublic ?? true;
    this.messageI18n = more.messageI18n;
    this.previous = more.previous;
    this.stackLines = more.stackLines;
  }
}

/** Permission missing, or no token: how it is answered depends on the version and on the route. */
export class DeniedError extends Error {}

export function refuse(message: string): NpmError {
  return new NpmError(400, message);
}

export function notFound(what: string | number): NpmError {
  const isTold = what !== '' && !Number.isNaN(what) && what !== 0;
  return new NpmError(404, isTold ? `Not Found - ${what}` : 'Not Found');
}

export function internalError(message: string, stackLines?: readonly string[]): NpmError {
  return new NpmError(500, message, { isPublic: false, ...(stackLines === undefined ? {} : { stackLines }) });
}

/** The answer's body; with `withDebug`, as NPM answers below `/nginx/certificates`. */
export function toErrorBody(error: NpmError, withDebug: boolean): object {
  return {
    error: {
      code: error.status,
      message: error.isPublic ? error.message : 'Internal Error',
      ...(error.messageI18n === undefined ? {} : { message_i18n: error.messageI18n }),
    },
    ...(withDebug ? { debug: toDebug(error) } : {}),
  };
}

function toDebug(error: NpmError): object {
  return {
    stack: error.stackLines ?? `Error: ${error.message}`.split('\n'),
    ...(error.previous === undefined ? {} : { previous: error.previous }),
  };
}

/** A file name as NPM's temporary files have it. */
export function temporaryPath(): string {
  return `/tmp/${randomUUID()}`;
}
