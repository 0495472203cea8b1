// What goes to the proxy and what comes back.

/** What a call is about, for messages and metrics; a closed set. */
export type NpmSubject =
  | 'health'
  | 'token'
  | 'user'
  | 'proxy-host'
  | 'redirection-host'
  | 'dead-host'
  | 'stream'
  | 'access-list'
  | 'certificate';

export type NpmCall = {
  readonly kind: NpmSubject;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** After `/api`, query included. */
  readonly path: string;
  readonly body?: object;
  readonly signal: AbortSignal;
  /** In place of the usual deadline. */
  readonly deadlineMs?: number;
};

export type NpmAnswer = {
  readonly status: number;
  /** Parsed; undefined when it was not JSON. */
  readonly body: unknown;
  /** The other side's clock; undefined when it does not tell. */
  readonly dateMs: number | undefined;
};

/** What was asked and how it went, for metrics; never what was sent. */
export type NpmRequestFacts = {
  readonly method: NpmCall['method'];
  readonly kind: NpmSubject;
  /** The HTTP status, or the code of the error where there was none. */
  readonly result: number | string;
  readonly durationMs: number;
};
