import type { IncomingMessage } from 'node:http';
import { EngineError } from '#ports/engine.ts';
import { type DockerConnection, openConnection } from './connection.ts';
import type { DialRequest } from './dial.ts';
import type { DockerTls } from './docker-address.ts';
import { isVersionMismatch, toEngineError } from './engine-failure.ts';
import { resolveApiVersion } from './negotiate-api-version.ts';
import { readBody } from './read-body.ts';
import { withDeadline } from './with-deadline.ts';

export type DockerCall = DialRequest & {
  /** A fixed word for messages and metrics: `create-container`. */
  readonly operation: string;
  readonly signal: AbortSignal;
  /** For a call that waits (stop, pull): in place of the usual deadline. */
  readonly deadlineMs?: number;
};

/** What was asked and how it went, for metrics; never what was sent. */
export type RequestFacts = {
  readonly operation: string;
  /** The HTTP status, or the code of the error where there was none. */
  readonly result: number | string;
  readonly durationMs: number;
};

export type DockerClientOptions = {
  readonly host?: string;
  readonly tls?: DockerTls;
  /** How long a short call may take, answer included. */
  readonly callMs: number;
  readonly onRequest?: (facts: RequestFacts) => void;
};

const maxAnswerBytes = 64 * 1024 * 1024;
const maxErrorBytes = 64 * 1024;
const tcpKeepAliveMs = 30_000;

/** What dockerode lacks, around it: every call ends, is bounded, and fails in our own words. */
export class DockerClient {
  readonly #options: DockerClientOptions;
  readonly #connection: DockerConnection;
  #negotiation: Promise<string> | undefined;

  constructor(options: DockerClientOptions) {
    this.#options = options;
    this.#connection = openConnection(options.host, options.tls);
  }

  /** The parsed answer; undefined when it is empty. 304 (nothing to do) is success. @throws EngineError */
  async call(call: DockerCall): Promise<unknown> {
    const deadlineMs = call.deadlineMs ?? this.#options.callMs;
    return withDeadline({ ...call, deadlineMs }, async (signal) => {
      const response = await this.#open(call, signal);
      return parseAnswer(call.operation, await this.#guard(() => readBody(response, maxAnswerBytes)));
    });
  }

  /** Hands the body to `use`; all of it must end within the deadline. @throws EngineError */
  async callStream<T>(
    call: DockerCall & { readonly deadlineMs: number },
    use: (body: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    return withDeadline(call, async (signal) => {
      const response = await this.#open(call, signal);
      return this.#guard(() => use(response));
    });
  }

  /** Like `callStream` for a stream without end: the deadline is for the head of the answer only. */
  async follow(call: DockerCall, use: (body: IncomingMessage) => Promise<void>): Promise<void> {
    const ended = new AbortController();
    const onAbort = () => ended.abort(call.signal.reason);
    call.signal.addEventListener('abort', onAbort, { once: true });
    try {
      const deadlineMs = this.#options.callMs;
      const response = await withDeadline({ ...call, deadlineMs }, () =>
        this.#open({ ...call, deadlineMs }, ended.signal),
      );
      // Nothing may come for hours; only TCP itself tells that the other side is gone.
      response.socket.setKeepAlive(true, tcpKeepAliveMs);
      await this.#guard(() => use(response));
    } finally {
      call.signal.removeEventListener('abort', onAbort);
      ended.abort();
    }
  }

  /** As agreed with the engine; asked for once, and again after it was away. @throws EngineError */
  apiVersion(): Promise<string> {
    if (this.#negotiation === undefined) {
      this.#negotiation = this.#negotiate();
      this.#negotiation.catch(() => this.#forgetVersion());
    }
    return this.#negotiation;
  }

  close(): void {
    this.#connection.close();
  }

  async #negotiate(): Promise<string> {
    // Many callers may wait for it, so it hangs on none of their signals.
    const limit = {
      operation: 'ping',
      deadlineMs: this.#options.callMs,
      signal: new AbortController().signal,
    };
    return withDeadline(limit, async (signal) => {
      const response = await this.#connection.open('short', { method: 'GET', path: '/_ping' }, signal);
      await this.#guard(() => readBody(response, maxErrorBytes));
      const version = response.headers['api-version'];
      return resolveApiVersion(typeof version === 'string' ? version : undefined);
    });
  }

  /** The head of a successful answer. An engine exchanged for an older one is asked again in its version. */
  async #open(call: DockerCall, signal: AbortSignal): Promise<IncomingMessage> {
    try {
      return await this.#openOnce(call, signal);
    } catch (error) {
      if (!isVersionMismatch(error) || this.#negotiation === undefined) throw error;
      this.#forgetVersion();
      return this.#openOnce(call, signal);
    }
  }

  async #openOnce(call: DockerCall, signal: AbortSignal): Promise<IncomingMessage> {
    const path = `/v${await this.apiVersion()}${call.path}`;
    const length = call.deadlineMs === undefined ? 'short' : 'long';
    const startedMs = performance.now();
    const tell = (result: number | string) =>
      this.#options.onRequest?.({
        operation: call.operation,
        result,
        durationMs: performance.now() - startedMs,
      });
    try {
      const response = await this.#guard(() => this.#connection.open(length, { ...call, path }, signal));
      const status = response.statusCode ?? 0;
      tell(status);
      if (status < 300 || status === 304) return response;
      const text = await this.#guard(() => readBody(response, maxErrorBytes));
      throw toEngineError(call.operation, status, text);
    } catch (error) {
      if (!(error instanceof EngineError)) tell('ABORTED');
      else if (error.status === undefined) tell(error.code);
      throw error;
    }
  }

  /** Whatever breaks on the way is told in our words, and may mean that another engine comes back. */
  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const error = this.#connection.explain(cause);
      if (error instanceof EngineError && error.code === 'ENGINE_UNREACHABLE') this.#forgetVersion();
      throw error;
    }
  }

  #forgetVersion(): void {
    this.#negotiation = undefined;
  }
}

function parseAnswer(operation: string, body: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    throw new EngineError(
      'ENGINE_FAILED',
      `${operation}: the engine's answer is not JSON: ${body.slice(0, 80)}`,
    );
  }
}
