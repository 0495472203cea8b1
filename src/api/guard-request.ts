import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiErrorCode } from './http-error.ts';

export type GuardOptions = { readonly host: string; readonly token?: string | undefined };
export type Refusal = { readonly code: ApiErrorCode; readonly message: string };
type GuardedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
};

/** Why a request is not even looked at; undefined when it may pass. */
export function findRefusal(request: GuardedRequest, { host, token }: GuardOptions): Refusal | undefined {
  const { method, path, headers } = request;
  // DNS rebinding: a page whose name suddenly leads to this machine still sends that name.
  if (isLoopback(host) && !isLoopback(nameOf(headers.host))) {
    return { code: 'HOST_NOT_ALLOWED', message: 'this server answers to localhost only' };
  }
  if (token !== undefined && path !== '/healthz' && !isBearer(headers.authorization, token)) {
    return { code: 'UNAUTHORIZED', message: 'a bearer token is needed' };
  }
  if (method !== 'GET' && method !== 'HEAD' && isCrossSite(headers)) {
    return { code: 'CROSS_SITE_REQUEST', message: 'requests from other sites are refused' };
  }
  // A browser asks for permission before it sends this type to another site, and never gets it here.
  if (method === 'POST' && !/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    return { code: 'UNSUPPORTED_MEDIA_TYPE', message: 'the content type must be application/json' };
  }
  return undefined;
}

function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === 'localhost' || name === '::1' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** `localhost:7710` → `localhost` */
function nameOf(hostHeader = ''): string {
  return hostHeader.replace(/:\d+$/, '');
}

function isCrossSite(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return headers.origin !== undefined && URL.parse(headers.origin)?.host !== headers.host;
}

/** Digests are compared, so that neither length nor content shows in the time it takes. */
function isBearer(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
