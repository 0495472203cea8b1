// What becomes of one request to the admin port, whatever carries it there.

import { setTimeout as sleep } from 'node:timers/promises';
import type { BodyCheck } from './api/check-body.ts';
import { handleRequest } from './api/handle-request.ts';
import type { NpmFault, NpmFaults, NpmRequest, RecordedNpmCall } from './faults.ts';
import type { NpmAnswer, NpmCore } from './npm-core.ts';
import { formatAnswer, formatHalf, formatHtml, type NpmReply } from './npm-reply.ts';
import { type IncomingBody, type IncomingRequest, readIncomingBody } from './read-incoming.ts';

/** The life of the back end behind NPM's admin port. */
export type BackEnd = {
  /** Undefined while it is down. Another number after every start. */
  life(): number | undefined;
};

export type NpmParts = {
  readonly core: NpmCore;
  readonly bodyCheck: BodyCheck;
  readonly faults: NpmFaults;
  readonly backEnd: BackEnd;
  readonly onCall: (call: RecordedNpmCall) => void;
};

/** Gives the reply away, and does what NPM does after that; undefined: the connection is cut. */
export async function answerRequest(
  parts: NpmParts,
  request: IncomingRequest,
  give: (reply: NpmReply | undefined) => void,
): Promise<void> {
  const url = new URL(request.target, 'http://npm');
  if (url.pathname === '/api') return give(formatHtml(302, 'Found', 'http://127.0.0.1:81/api/'));
  if (!url.pathname.startsWith('/api/')) return give(formatHtml(200, 'Nginx Proxy Manager'));

  const body = await readIncomingBody(request);
  const seen = toSeenRequest(request, url, body);
  const record = (status: number, answer: unknown): void => parts.onCall({ ...seen, status, answer });
  const life = parts.backEnd.life();
  if (life === undefined) {
    record(502, undefined);
    return give(formatHtml(502, 'Bad Gateway'));
  }

  const fault = parts.faults.strike(seen);
  await fault?.before?.(seen);
  if (fault?.kind === 'refuse') {
    record(0, undefined);
    return give(undefined);
  }
  if (fault?.kind === 'slow') await sleep(fault.delayMs);
  if (fault?.kind === 'fail') {
    record(fault.status ?? 500, undefined);
    return give(formatFailure(fault));
  }

  const answer = await handleRequest(parts.core, parts.bodyCheck, {
    method: seen.method,
    path: url.pathname.slice('/api'.length),
    query: url.searchParams,
    authorization: request.authorization,
    readBody: body.readJson,
    files: body.files,
    isExpired: fault?.kind === 'expire',
  });
  await fault?.after?.(seen);
  if (fault?.kind === 'slow-answer') await sleep(fault.delayMs);
  const isAlive = parts.backEnd.life() === life;
  record(isAlive ? answer.status : 502, answer.body);
  if (!isAlive) return give(formatHtml(502, 'Bad Gateway'));
  give(formatStruck(answer, fault));
  answer.afterwards?.();
}

function formatStruck(answer: NpmAnswer, fault: NpmFault | undefined): NpmReply | undefined {
  switch (fault?.kind) {
    case 'lose':
      return undefined;
    case 'cut':
      return formatHalf(answer);
    case 'fail-done':
      return formatFailure(fault);
    default:
      return formatAnswer(answer);
  }
}

function formatFailure({ status = 500 }: NpmFault): NpmReply {
  if (status === 502 || status === 504) {
    return formatHtml(status, status === 502 ? 'Bad Gateway' : 'Gateway Time-out');
  }
  return formatAnswer({ status, body: { error: { code: status, message: 'Internal Error' } } });
}

function toSeenRequest({ method }: IncomingRequest, url: URL, body: IncomingBody): NpmRequest {
  return { method, path: url.pathname, query: url.search, body: readOrUndefined(body) };
}

/** A copy, because NPM changes what it is given while it checks it. */
function readOrUndefined(body: IncomingBody): unknown {
  try {
    return structuredClone(body.readJson());
  } catch {
    return undefined;
  }
}
