// The way to the double without a connection: requests and replies are handed over as they are.
import { Dispatcher, errors } from 'undici';
import { answerRequest, type NpmParts } from './answer-request.ts';
import type { NpmReply } from './npm-reply.ts';

/** Like undici's `Agent`, one for each client: destroyed, it takes the requests under way with it. */
export function createNpmDispatcher(parts: NpmParts): Dispatcher {
  return new NpmDispatcher(parts);
}

type Options = Dispatcher.DispatchOptions;
type Handler = Dispatcher.DispatchHandler;

class NpmDispatcher extends Dispatcher {
  readonly #parts: NpmParts;
  readonly #exchanges = new Set<Exchange>();
  #isDestroyed = false;

  constructor(parts: NpmParts) {
    super();
    this.#parts = parts;
  }

  override dispatch(options: Options, handler: Handler): boolean {
    const exchange = new Exchange(handler, () => this.#exchanges.delete(exchange));
    this.#exchanges.add(exchange);
    handler.onRequestStart?.(exchange, undefined);
    if (this.#isDestroyed) exchange.abort(new errors.ClientDestroyedError());
    if (!exchange.aborted) {
      answerRequest(this.#parts, toIncoming(options), (reply) => exchange.take(reply)).catch(
        (error: unknown) => exchange.abort(error instanceof Error ? error : new Error(String(error))),
      );
    }
    return true;
  }

  override close(): Promise<void> {
    return this.destroy();
  }

  override async destroy(): Promise<void> {
    this.#isDestroyed = true;
    for (const exchange of this.#exchanges) exchange.abort(new errors.ClientDestroyedError());
  }
}

/** A request under way. */
class Exchange implements Dispatcher.DispatchController {
  readonly #handler: Handler;
  readonly #end: () => void;
  #isOver = false;
  aborted = false;
  reason: Error | null = null;
  /** Replies are small: they are never held up. */
  readonly paused = false;

  constructor(handler: Handler, end: () => void) {
    this.#handler = handler;
    this.#end = end;
  }

  take(reply: NpmReply | undefined): void {
    if (this.#isOver) return;
    if (reply === undefined) return this.#fail(new errors.SocketError('other side closed'));
    const headers = Object.fromEntries(
      Object.entries(reply.headers).map(([name, value]) => [name, String(value)]),
    );
    this.#handler.onResponseStart?.(this, reply.status, headers);
    this.#handler.onResponseData?.(this, reply.content);
    if (reply.isCut === true) return this.#fail(new errors.SocketError('other side closed'));
    this.#isOver = true;
    this.#end();
    this.#handler.onResponseEnd?.(this, {});
  }

  abort(reason: Error): void {
    if (this.#isOver) return;
    this.aborted = true;
    this.reason = reason;
    this.#fail(reason);
  }

  pause(): void {
    // See `paused`.
  }

  resume(): void {
    // See `paused`.
  }

  #fail(error: Error): void {
    this.#isOver = true;
    this.#end();
    this.#handler.onResponseError?.(this, error);
  }
}

function toIncoming({ method, path, headers, body }: Options) {
  const given = new Headers(headers as Record<string, string>);
  return {
    method,
    target: path,
    contentType: given.get('content-type') ?? '',
    authorization: given.get('authorization') ?? undefined,
    readContent: async () => Buffer.from((body ?? '') as string | Buffer),
  };
}
