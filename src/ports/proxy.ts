import type { ObservedHostEntry, ObservedProxy } from '#domain/routes/observed-proxy.ts';
import type { RouteAsk, RouteStep } from '#domain/routes/route-plan.ts';
import { Failure, type Reaction } from './failure.ts';

export type RouteStepResult = {
  /** The host as it was read back after the write; absent when the step leaves none. */
  readonly host?: ObservedHostEntry;
  /** Of what was made, for the steps that follow. */
  readonly id?: number;
  /** What the proxy's nginx said to the new body. When given, the body of before has been written back, if there was one. */
  readonly refused?: string;
};

/**
 * One reverse proxy. All calls go through one queue, one at a time; a write is done when reading it back has
 * shown it. Every call ends by its own deadline or by the signal.
 */
export type Proxy = {
  /** One list call for each kind. @throws ProxyError */
  observe(signal: AbortSignal): Promise<ObservedProxy>;
  /** @throws ProxyError */
  run(step: RouteStep, signal: AbortSignal): Promise<RouteStepResult>;
  close(): void;
};

/** A request through the proxy itself, with the route's host name. */
export type RouteProbe = {
  /** The status of the answer. @throws ProxyError when there is none */
  ask(asked: ProxiedRequest, signal: AbortSignal): Promise<number>;
};

export type ProxiedRequest = Pick<RouteAsk, 'host' | 'path' | 'isTls'>;

export type ProxyErrorCode =
  | 'PROXY_UNREACHABLE'
  | 'PROXY_TIMEOUT'
  | 'PROXY_LOGIN_REFUSED'
  /** The account needs a second factor that a program does not have. */
  | 'PROXY_NEEDS_2FA'
  | 'PROXY_DENIED'
  | 'PROXY_INVALID_REQUEST'
  | 'PROXY_CONFLICT'
  /** It answers what it should not: another program, or a version that is not known. */
  | 'PROXY_UNKNOWN_ANSWER'
  /** Its nginx configuration was broken before the write: nothing new takes effect. */
  | 'PROXY_POISONED'
  | 'PROXY_FAILED'
  | 'CERTIFICATE_REFUSED';

export class ProxyError extends Failure {
  override readonly name = 'ProxyError';
  declare readonly code: ProxyErrorCode;
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;

  constructor(
    code: ProxyErrorCode,
    message: string,
    options: { reaction?: Reaction; status?: number; cause?: unknown } = {},
  ) {
    super(code, message, { reaction: options.reaction ?? 'retry', cause: options.cause });
    this.status = options.status;
  }
}
