import { Agent, type Dispatcher, request } from 'undici';
import { ProxyError } from '#ports/proxy.ts';
import type { Multipart } from './multipart.ts';
import type { NpmAnswer, NpmCall, NpmRequestFacts } from './npm-call.ts';
import { toConnectionError } from './npm-failure.ts';

export type NpmHttp = {
  /** Any answer at all, whatever its status. @throws ProxyError when there is none, or none that can be read */
  send(call: NpmCall, token?: string): Promise<NpmAnswer>;
  close(): void;
};

export type NpmHttpOptions = {
  /** Of the admin interface, without `/api`. */
  readonly url: string;
  /** One call, answer included. */
  readonly callMs: number;
  readonly onRequest?: (facts: NpmRequestFacts) => void;
  /** In place of connections of its own; ended by `close`. */
  readonly dispatcher?: Dispatcher;
};

const maxAnswerBytes = 16 * 1024 * 1024;

export function createNpmHttp({ url, callMs, onRequest, ...given }: NpmHttpOptions): NpmHttp {
  const dispatcher = given.dispatcher ?? createDispatcher();
  const base = `${url.replace(/\/+$/, '')}/api`;

  async function exchange(call: NpmCall, signal: AbortSignal, token?: string): Promise<NpmAnswer> {
    const response = await request(`${base}${call.path}`, {
      method: call.method,
      headers: { accept: 'application/json', ...toAuthorization(token), ...toContentType(call.body) },
      body: call.body === undefined ? null : toPayload(call.body),
      signal,
      dispatcher,
    });
    const date = Date.parse(String(response.headers['date'] ?? ''));
    return {
      status: response.statusCode,
      body: parseJson(await readText(response.body)),
      dateMs: Number.isNaN(date) ? undefined : date,
    };
  }

  async function send(call: NpmCall, token?: string): Promise<NpmAnswer> {
    call.signal.throwIfAborted();
    const deadlineMs = call.deadlineMs ?? callMs;
    const deadline = AbortSignal.timeout(deadlineMs);
    const startedMs = performance.now();
    const tell = (result: number | string) => {
      const { method, kind } = call;
      onRequest?.({ method, kind, result, durationMs: performance.now() - startedMs });
    };
    try {
      const answer = await exchange(call, AbortSignal.any([call.signal, deadline]), token);
      tell(answer.status);
      return answer;
    } catch (cause) {
      if (call.signal.aborted) {
        tell('ABORTED');
        throw call.signal.reason;
      }
      const error = deadline.aborted
        ? new ProxyError('PROXY_TIMEOUT', `${url} gave no whole answer within ${deadlineMs} ms`, { cause })
        : toConnectionError(url, cause);
      tell(error.code);
      throw error;
    }
  }

  return { send, close: () => void dispatcher.destroy().catch(() => undefined) };
}

/**
 * Every call has a connection of its own: the proxy's own nginx serves this interface, and cuts idle connections at
 * each reload.
 */
function createDispatcher(): Dispatcher {
  return new Agent({ pipelining: 0, headersTimeout: 0, bodyTimeout: 0 });
}

function toAuthorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function toContentType(body: object | undefined): Record<string, string> {
  if (body === undefined) return {};
  return { 'content-type': isMultipart(body) ? body.contentType : 'application/json' };
}

function toPayload(body: object): string | Buffer {
  return isMultipart(body) ? body.payload : JSON.stringify(body);
}

function isMultipart(body: object): body is Multipart {
  return 'payload' in body && Buffer.isBuffer(body.payload);
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Leaving the loop destroys the body, and with it the connection.
    if (bytes > maxAnswerBytes) {
      throw new ProxyError('PROXY_UNKNOWN_ANSWER', `the answer is larger than ${maxAnswerBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
