import { type Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** Where an engine listens, in the form that node:http takes. */
export type EngineAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number };

export type EngineResponse = { readonly status: number; readonly body: string };

/** `unix:///run/docker.sock` or `tcp://127.0.0.1:2375`. */
export function parseEngineHost(host: string): EngineAddress {
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  const url = new URL(host.replace(/^tcp:/, 'http:'));
  return { host: url.hostname, port: Number(url.port || 2375) };
}

/** One plain call to the engine, for arranging and checking in tests: no client of ours in between. */
export async function requestEngine(
  host: string,
  method: string,
  path: string,
  options: {
    json?: unknown;
    tar?: Buffer;
    headers?: Record<string, string>;
    timeoutMs?: number;
    agent?: Agent;
  } = {},
): Promise<EngineResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<EngineResponse>();
  const payload = options.tar ?? (options.json === undefined ? undefined : JSON.stringify(options.json));
  const contentType = options.tar === undefined ? 'application/json' : 'application/x-tar';
  const call = request({
    ...parseEngineHost(host),
    method,
    path,
    agent: options.agent ?? false,
    headers: { ...(payload === undefined ? {} : { 'content-type': contentType }), ...options.headers },
    signal: AbortSignal.timeout(options.timeoutMs ?? 60_000),
  });
  call.on('error', reject);
  call.on('response', (response) => {
    text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
  });
  call.end(payload);
  return promise;
}

/** Like `requestEngine`, but anything other than success throws, and the answer is parsed. */
export async function askEngine<T = unknown>(
  host: string,
  method: string,
  path: string,
  json?: unknown,
): Promise<T> {
  const response = await requestEngine(host, method, path, json === undefined ? {} : { json });
  if (response.status >= 300) throw new Error(`${method} ${path}: ${response.status} ${response.body}`);
  return (response.body === '' ? undefined : JSON.parse(response.body)) as T;
}
