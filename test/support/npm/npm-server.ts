import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BodyCheck } from './api/check-body.ts';
import { handleRequest } from './api/handle-request.ts';
import type { NpmFault, NpmFaults, NpmRequest, RecordedNpmCall } from './faults.ts';
import type { NpmAnswer, NpmCore } from './npm-core.ts';
import { type IncomingBody, readIncomingBody } from './read-incoming.ts';
import { writeAnswer, writeHalf, writeHtml } from './write-answer.ts';

/** The life of the back end behind NPM's admin port. */
export type BackEnd = {
  /** Undefined while it is down. Another number after every start. */
  life(): number | undefined;
};

export type NpmServerParts = {
  readonly core: NpmCore;
  readonly bodyCheck: BodyCheck;
  readonly faults: NpmFaults;
  readonly backEnd: BackEnd;
  readonly onCall: (call: RecordedNpmCall) => void;
};

/** NPM's admin port: its nginx, and the back end behind `/api/`. */
export function createNpmServer(parts: NpmServerParts): Server {
  return createServer((request, response) => {
    // A client that goes away while it is answered is no fault of ours.
    answerRequest(parts, request, response).catch((error: unknown) => {
      if (!response.headersSent && !request.destroyed) writeHtml(response, 500, 'Internal Server Error');
      else response.destroy(error instanceof Error ? error : undefined);
    });
  });
}

export async function listenOn(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

async function answerRequest(
  parts: NpmServerParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://npm');
  if (url.pathname === '/api') return writeHtml(response, 302, 'Found', 'http://127.0.0.1:81/api/');
  if (!url.pathname.startsWith('/api/')) return writeHtml(response, 200, 'Nginx Proxy Manager');

  const body = await readIncomingBody(request);
  const seen = toSeenRequest(request, url, body);
  const record = (status: number, answer: unknown): void => parts.onCall({ ...seen, status, answer });
  const life = parts.backEnd.life();
  if (life === undefined) {
    record(502, undefined);
    return writeHtml(response, 502, 'Bad Gateway');
  }

  const fault = parts.faults.strike(seen);
  await fault?.before?.(seen);
  if (fault?.kind === 'refuse') {
    record(0, undefined);
    return void response.destroy();
  }
  if (fault?.kind === 'slow') await sleep(fault.delayMs);
  if (fault?.kind === 'fail') {
    record(fault.status ?? 500, undefined);
    return writeFailure(response, fault);
  }

  const answer = await handleRequest(parts.core, parts.bodyCheck, {
    method: seen.method,
    path: url.pathname.slice('/api'.length),
    query: url.searchParams,
    authorization: request.headers.authorization,
    readBody: body.readJson,
    files: body.files,
    isExpired: fault?.kind === 'expire',
  });
  await fault?.after?.(seen);
  if (fault?.kind === 'slow-answer') await sleep(fault.delayMs);
  const isAlive = parts.backEnd.life() === life;
  record(isAlive ? answer.status : 502, answer.body);
  if (!isAlive) return writeHtml(response, 502, 'Bad Gateway');
  give(response, answer, fault);
  answer.afterwards?.();
}

function give(response: ServerResponse, answer: NpmAnswer, fault: NpmFault | undefined): void {
  if (fault?.kind === 'lose') response.destroy();
  else if (fault?.kind === 'cut') writeHalf(response, answer);
  else if (fault?.kind === 'fail-done') writeFailure(response, fault);
  else writeAnswer(response, answer);
}

function writeFailure(response: ServerResponse, fault: NpmFault): void {
  const status = fault.status ?? 500;
  if (status === 502 || status === 504) {
    return writeHtml(response, status, status === 502 ? 'Bad Gateway' : 'Gateway Time-out');
  }
  writeAnswer(response, { status, body: { error: { code: status, message: 'Internal Error' } } });
}

function toSeenRequest(request: IncomingMessage, url: URL, body: IncomingBody): NpmRequest {
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.search,
    body: readOrUndefined(body),
  };
}

/** A copy, because NPM changes what it is given while it checks it. */
function readOrUndefined(body: IncomingBody): unknown {
  try {
    return structuredClone(body.readJson());
  } catch {
    return undefined;
  }
}
