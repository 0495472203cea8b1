// A steady load on one URL, that misses nothing: whatever is not the whole expected answer is a failure.
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export type TrafficOptions = {
  readonly url: string;
  /** The `Host` header: which route is meant. */
  readonly hostName: string;
  /** Any other body is a failure. */
  readonly isExpected: (body: string) => boolean;
  /** Clients that open a connection for every request. */
  readonly newConnections: number;
  /** Clients that keep theirs. */
  readonly keptConnections: number;
  /** Between an answer and the next request of the same client. */
  readonly pauseMs: number;
  readonly timeoutMs: number;
  /**
   * What HTTP lets a client do when a connection that it has kept is closed under its request, before any answer: ask
   * once more over a new one. Such requests are counted apart; without this they are lost.
   */
  readonly asksAgain?: boolean;
};

export type TrafficFailure = {
  /** When it was asked, and when that came to nothing. */
  readonly startedAtMs: number;
  readonly atMs: number;
  readonly what: string;
};

export type TrafficReport = {
  readonly requests: number;
  readonly failures: readonly TrafficFailure[];
  /** How many answers had each expected body. */
  readonly answers: ReadonlyMap<string, number>;
  readonly connections: number;
  /** Requests that were asked once more, because their kept connection was closed. */
  readonly askedAgain: number;
  readonly slowestMs: number;
};

export type Traffic = {
  /** So far. */
  report(): TrafficReport;
  /** Lets what is under way end; every request has been counted then. */
  stop(): Promise<TrafficReport>;
};

export function startTraffic(options: TrafficOptions): Traffic {
  const stopping = new AbortController();
  const tally = { requests: 0, connections: 0, askedAgain: 0, slowestMs: 0 };
  const failures: TrafficFailure[] = [];
  const answers = new Map<string, number>();

  const connected = (): void => void (tally.connections += 1);

  async function getPatiently(agent: Agent | false): Promise<Answer> {
    try {
      return await get(options, agent, connected);
    } catch (error) {
      if (options.asksAgain !== true || !(error instanceof ClosedMeanwhile)) throw error;
      tally.askedAgain += 1;
      return get(options, false, connected);
    }
  }

  async function ask(agent: Agent | false): Promise<void> {
    const startedAtMs = Date.now();
    const beganMs = performance.now();
    tally.requests += 1;
    try {
      const { status, body } = await getPatiently(agent);
      if (status !== 200) throw new Error(`status ${status}`);
      if (!options.isExpected(body)) throw new Error(`wrong body ${JSON.stringify(body.slice(0, 80))}`);
      answers.set(body, (answers.get(body) ?? 0) + 1);
    } catch (error) {
      failures.push({ startedAtMs, atMs: Date.now(), what: describe(error) });
    }
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - beganMs);
  }

  async function runClient(agent: Agent | false): Promise<void> {
    while (!stopping.signal.aborted) {
      await ask(agent);
      await sleep(options.pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    if (agent !== false) agent.destroy();
  }

  const clients = [
    ...Array.from({ length: options.newConnections }, () => runClient(false)),
    ...Array.from({ length: options.keptConnections }, () =>
      runClient(new Agent({ keepAlive: true, maxSockets: 1 })),
    ),
  ];
  const report = (): TrafficReport => ({ ...tally, failures: [...failures], answers: new Map(answers) });
  return {
    report,
    async stop() {
      stopping.abort();
      await Promise.all(clients);
      return report();
    },
  };
}

type Answer = { readonly status: number; readonly body: string };

/** A kept connection, before any answer. */
class ClosedMeanwhile extends Error {}

async function get(
  { url, hostName, timeoutMs }: TrafficOptions,
  agent: Agent | false,
  connected: () => void,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const call = request(url, { agent, headers: { host: hostName }, signal: AbortSignal.timeout(timeoutMs) });
  call.on('socket', () => {
    if (!call.reusedSocket) connected();
  });
  call.on('error', (error) => {
    const isClosed = call.reusedSocket && isConnectionError(error);
    reject(isClosed ? new ClosedMeanwhile(describe(error), { cause: error }) : error);
  });
  call.on('response', (response) => {
    text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
  });
  call.end();
  return promise;
}

function isConnectionError(error: Error): boolean {
  return ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timeout';
  return typeof code === 'string' ? code : error.message;
}

/** `24,310 requests over 12,200 connections, 3 lost (2 status 502, 1 timeout), slowest 120 ms`. */
export function formatTraffic(report: TrafficReport): string {
  const { requests, connections, failures, askedAgain, slowestMs } = report;
  const kinds = [...Map.groupBy(failures, ({ what }) => what)].map(([what, all]) => `${all.length} ${what}`);
  const lost = kinds.length === 0 ? '0 lost' : `${failures.length} lost (${kinds.join(', ')})`;
  const again = askedAgain === 0 ? '' : `, ${askedAgain} asked again`;
  return `${requests} requests over ${connections} connections, ${lost}${again}, slowest ${Math.round(slowestMs)} ms`;
}
