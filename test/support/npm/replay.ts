import { isDeepStrictEqual } from 'node:util';
import { createImitatedNginx } from './nginx/imitated-nginx.ts';
import { judgeTraffic, type TrafficResult } from './nginx/traffic.ts';
import { normalizeAnswer } from './normalize-answer.ts';
import { type Exchange, readRecordings } from './recordings.ts';
import { fillIn, toMultipart } from './replay-files.ts';
import { prepareScenario, prepareStep } from './replay-gaps.ts';
import type { ReplayMemory } from './replay-memory.ts';
import { authorizationFor, rememberAnswer, wordsFor } from './replay-tokens.ts';
import { startNpm, type TestNpm } from './start-npm.ts';

export type ReplayedExchange = {
  readonly scenario: string;
  readonly exchange: Exchange;
  readonly isEqual: boolean;
  readonly wanted: unknown;
  readonly got: unknown;
};

/** Plays all recordings, in their order, against one double. */
export async function replayRecordings(): Promise<ReplayedExchange[]> {
  const clock = { offsetMs: 0 };
  await using npm = await startNpm({
    hasAdmin: false,
    restartMs: 100,
    keyCheckTimeoutMs: 10,
    now: () => Date.now() + clock.offsetMs,
    nginx: createImitatedNginx({ listenAddress: '127.0.0.1:80' }),
  });
  const memory = { npm, tokens: new Map(), actor: 'admin', totpSecret: '', backupCode: '', clock };
  const replayed: ReplayedExchange[] = [];
  for (const { scenario, exchanges } of readRecordings()) {
    await prepareScenario(memory, scenario);
    for (const exchange of exchanges) {
      await prepareStep(memory, exchange);
      replayed.push({ scenario, exchange, ...(await replayExchange(memory, exchange)) });
    }
    await npm.untilUp();
  }
  return replayed;
}

async function replayExchange(
  memory: ReplayMemory,
  exchange: Exchange,
): Promise<{ isEqual: boolean; wanted: unknown; got: unknown }> {
  if (exchange.host !== undefined) return replayTraffic(memory.npm, exchange);
  const { status, answer } = await send(memory, exchange);
  rememberAnswer(memory, exchange, answer);
  const wanted = normalizeAnswer({
    status: exchange.status,
    answer: toKept(exchange, exchange.answer ?? exchange.text ?? ''),
  });
  const got = normalizeAnswer({ status, answer: toKept(exchange, answer) });
  return { isEqual: isDeepStrictEqual(wanted, got), wanted, got };
}

/** A request to a host behind nginx: nobody serves it here, but where it would have gone can be told. */
function replayTraffic(
  npm: TestNpm,
  exchange: Exchange,
): { isEqual: boolean; wanted: unknown; got: unknown } {
  const got = judgeTraffic(npm.nginx.running(), { host: exchange.host ?? '', path: exchange.path });
  const wanted = toTraffic(exchange);
  return { isEqual: isDeepStrictEqual(wanted, got), wanted, got };
}

/** Upstreams one and two listened on ports 9101 and 9102; nobody did on 9199. */
function toTraffic(exchange: Exchange): TrafficResult {
  if (exchange.text?.includes('Congratulations!')) return { to: 'default-site' };
  const { upstream, path } = (exchange.answer ?? {}) as { upstream?: string; path?: string };
  const port = upstream === undefined ? 9199 : upstream === 'one' ? 9101 : 9102;
  return { to: 'upstream', url: `http://127.0.0.1:${port}${path ?? exchange.path}` };
}

async function send(memory: ReplayMemory, exchange: Exchange): Promise<{ status: number; answer: unknown }> {
  const authorization = authorizationFor(memory, exchange);
  const isJson = exchange.body !== undefined || exchange.rawBody !== undefined;
  const type = exchange.contentType ?? (isJson ? 'application/json' : undefined);
  const response = await fetch(`${memory.npm.url}${exchange.path}`, {
    method: exchange.method,
    redirect: 'manual',
    headers: {
      // A reload of nginx closes what is idle.
      connection: 'close',
      ...(authorization === undefined ? {} : { authorization }),
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    body: toBody(memory, exchange),
  });
  const text = await response.text();
  const isAnswerJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return { status: response.status, answer: isAnswerJson ? JSON.parse(text) : text };
}

function toBody(memory: ReplayMemory, exchange: Exchange): FormData | string | null {
  if (exchange.multipart !== undefined) return toMultipart(exchange.multipart);
  if (exchange.body === undefined) return exchange.rawBody ?? null;
  return JSON.stringify(fillIn(exchange.body, wordsFor(memory)));
}

/** As much of the answer as the recording kept; its step says so. */
function toKept(exchange: Exchange, answer: unknown): unknown {
  const kept = /\(only first (\d) kept\)/.exec(exchange.step)?.[1];
  if (kept !== undefined && Array.isArray(answer)) return answer.slice(0, Number(kept));
  if (exchange.step.startsWith('schema without')) return toOutline(answer);
  return exchange.text === '<zip bytes>' ? typeof answer : answer;
}

type ApiDocument = {
  openapi: string;
  info: { title: string; version: string };
  servers: unknown;
  paths: Record<string, readonly string[] | Record<string, unknown>>;
};

/** The recording has the names of the paths and their methods only. */
function toOutline(answer: unknown): unknown {
  const { openapi, info, servers, paths } = answer as ApiDocument;
  const methods = Object.entries(paths).map(([path, value]) => [
    path,
    (Array.isArray(value) ? [...value] : Object.keys(value)).toSorted(compareText),
  ]);
  return {
    openapi,
    servers,
    title: info.title,
    version: info.version,
    paths: Object.fromEntries(methods),
  };
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : 1;
}
