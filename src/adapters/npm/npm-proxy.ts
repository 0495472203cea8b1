import PQueue from 'p-queue';
import type { Dispatcher } from 'undici';
import type { Clock } from '#ports/clock.ts';
import { type Proxy, ProxyError } from '#ports/proxy.ts';
import type { NpmRequestFacts } from './npm-call.ts';
import { createNpmClient } from './npm-client.ts';
import type { NpmDeps } from './npm-deps.ts';
import { createNpmHttp } from './npm-http.ts';
import { createNpmSession, type NpmAccount } from './npm-session.ts';
import { observeNpm } from './observe-npm.ts';
import { runRouteStep } from './run-route-step.ts';
import { createSeenOrders } from './seen-orders.ts';

export type NpmProxyOptions = NpmAccount & {
  /** Of the admin interface: `http://npm:81`. */
  readonly url: string;
  /** Whose marker is ours. */
  readonly owner: string;
  /** Called at once with whatever is read that must appear nowhere. */
  readonly addSecret: (value: string) => void;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'sleep'>;
  readonly timeouts: {
    /** One call, answer included: with hundreds of hosts, a write takes seconds. */
    readonly callMs: number;
    /** One request to Let's Encrypt, which lasts as long as the call. */
    readonly certificateMs: number;
  };
  /** From the end of a write to the next. */
  readonly paceMs: number;
  readonly onRequest?: (facts: NpmRequestFacts) => void;
  /** What carries the calls, in place of connections of its own. */
  readonly dispatcher?: Dispatcher;
};

/** More than one loop ever asks for: who comes then is turned away instead of waiting for ever. */
const mostWaiting = 32;

/** An Nginx Proxy Manager from 2.9 on. Nothing is asked before it is used. */
export function createNpmProxy(options: NpmProxyOptions): Proxy {
  const { url, owner, clock, addSecret, timeouts, paceMs, identity, onRequest, dispatcher } = options;
  const { callMs, certificateMs } = timeouts;
  const http = createNpmHttp({
    url,
    callMs,
    ...(onRequest && { onRequest }),
    ...(dispatcher && { dispatcher }),
  });
  const session = createNpmSession(options, { http, clock, addSecret });
  const client = createNpmClient({ http, session, clock, paceMs });
  const { nowMs } = clock;
  const orders = createSeenOrders(clock.monotonicMs, certificateMs);
  const doubts = new Set<string>();
  const deps: NpmDeps = { client, owner, doubts, orders, identity, nowMs, addSecret, certificateMs };
  const closed = new AbortController();
  const queue = new PQueue({ concurrency: 1 });

  /** One after the other, as a whole: parallel writes are slower, and one that is bad spoils its neighbours. */
  async function enqueue<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    if (queue.size >= mostWaiting) {
      throw new ProxyError('PROXY_FAILED', `${mostWaiting} others wait for the proxy already`);
    }
    const either = AbortSignal.any([signal, closed.signal]);
    either.throwIfAborted();
    return queue.add(async () => work(either), { signal: either });
  }

  return {
    observe: (signal) => enqueue((either) => observeNpm(deps, either), signal),
    run: (step, signal) => enqueue((either) => runRouteStep(step, deps, either), signal),
    close() {
      closed.abort(new ProxyError('PROXY_UNREACHABLE', 'the connection to the proxy is closed'));
      http.close();
    },
  };
}
