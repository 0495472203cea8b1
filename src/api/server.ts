import type { Socket } from 'node:net';
import { type FastifyError, type FastifyInstance, fastify, type RouteOptions } from 'fastify';
import { Failure } from '#ports/failure.ts';
import type { Log } from '#ports/log.ts';
import { StoreError } from '#ports/store.ts';
import type { ApiActions, MetricsText } from './api-actions.ts';
import { createEventStreams } from './event-streams.ts';
import { findRefusal } from './guard-request.ts';
import { sendError, statusOfCode, toErrorCode, toErrorView } from './http-error.ts';
import { createRoutes } from './routes.ts';

export type ApiServerOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly actions: ApiActions;
  readonly metrics: MetricsText;
  readonly log: Log;
  /** When given, every request but /healthz must carry it. */
  readonly token?: string | undefined;
  /** Applied to every JSON answer: the redactor's `redactDeep`. */
  readonly redact?: (value: unknown) => unknown;
};

export type ApiServer = { readonly url: string; close(): Promise<void> };

const maxBodyBytes = 64 * 1024;
const maxHeaderBytes = 16 * 1024;
const maxConnections = 256;
const requestTimeoutMs = 10_000;
const connectionTimeoutMs = 30_000;
const closeGraceMs = 2_000;

/** @throws Failure API_LISTEN_FAILED */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const app = buildApiServer(options);
  const { host, port } = options;
  try {
    const url = await app.listen({ host, port });
    return { url, close: () => closeServer(app) };
  } catch (error) {
    const message = `the HTTP API cannot listen at ${host}, port ${port}`;
    throw new Failure('API_LISTEN_FAILED', message, { reaction: 'stall', cause: error });
  }
}

/** Requests that are under way get a moment; one that never ends does not hold up the shutdown. */
async function closeServer(app: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), closeGraceMs);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}

export function buildApiServer(
  options: ApiServerOptions,
  onRoute: (route: RouteOptions) => void = () => {},
): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    handlerTimeout: requestTimeoutMs,
    connectionTimeout: connectionTimeoutMs,
    keepAliveTimeout: connectionTimeoutMs,
    http: { maxHeaderSize: maxHeaderBytes, headersTimeout: requestTimeoutMs },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, _request, reply) => {
      sendError(reply, toErrorCode(error.statusCode ?? 400), 'the request cannot be read');
    },
  });
  app.server.maxConnections = maxConnections;
  app.removeContentTypeParser('text/plain');
  app.addHook('onRoute', onRoute);
  addGuards(app, options);
  addErrorAnswers(app, options.log);
  const streams = createEventStreams(options.actions, options.redact);
  // Streams never end by themselves, and the server waits for what is open.
  app.addHook('preClose', async () => streams.close());
  for (const route of createRoutes(options.actions, options.metrics, streams)) app.route(route);
  return app;
}

function addGuards(app: FastifyInstance, options: ApiServerOptions): void {
  const { redact } = options;
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    const path = request.routeOptions.url ?? '';
    const refusal = findRefusal({ method: request.method, path, headers: request.headers }, options);
    if (refusal === undefined) return undefined;
    if (refusal.code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer');
    return sendError(reply, refusal.code, refusal.message);
  });
  if (redact !== undefined) app.addHook('preSerialization', async (_request, _reply, body) => redact(body));
}

function addErrorAnswers(app: FastifyInstance, log: Log): void {
  app.setNotFoundHandler((_request, reply) => sendError(reply, 'NOT_FOUND', 'there is nothing here'));
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    if (error instanceof StoreError) return sendError(reply, 'HISTORY_UNAVAILABLE', error.message);
    const code = toErrorCode(error.statusCode ?? 500);
    if (code !== 'INTERNAL') return sendError(reply, code, error.message);
    log.error('request failed', { method: request.method, route: request.routeOptions.url, error });
    return sendError(reply, code, 'something went wrong; the log says what');
  });
}

/** What is not even HTTP, too long or too slow never becomes a request. */
function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable) return;
  const codes = {
    HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
    ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
  } as const;
  const code = codes[error.code as keyof typeof codes] ?? 'BAD_REQUEST';
  const body = JSON.stringify(toErrorView(code, 'the request cannot be read'));
  const head = `HTTP/1.1 ${statusOfCode[code]} Refused\r\nconnection: close\r\ncontent-type: application/json`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
