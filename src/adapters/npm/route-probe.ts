import { Agent, request } from 'undici';
import { type ProxiedRequest, ProxyError, type RouteProbe } from '#ports/proxy.ts';
import { toConnectionError } from './npm-failure.ts';

export type RouteProbeOptions = {
  /** Where the proxy takes requests: `http://npm:80`. */
  readonly url: string;
  /** And those by TLS: `https://npm:443`. */
  readonly tlsUrl: string;
  readonly timeoutMs: number;
};

/** Asks by way of the proxy, as a stranger would, each time over a new connection. */
export function createRouteProbe(options: RouteProbeOptions): RouteProbe & { close(): void } {
  const { url, tlsUrl, timeoutMs } = options;
  // Who answers is asked, and not whom the certificate is for.
  const connect = { rejectUnauthorized: false };
  const dispatcher = new Agent({ pipelining: 0, headersTimeout: 0, bodyTimeout: 0, connect });

  async function ask({ host, path, isTls }: ProxiedRequest, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const base = (isTls ? tlsUrl : url).replace(/\/+$/, '');
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const response = await request(`${base}${path}`, {
        method: 'GET',
        headers: { host },
        signal: AbortSignal.any([signal, deadline]),
        dispatcher,
      });
      // However much would come, it is of no use.
      response.body.on('error', () => {}).destroy();
      return response.statusCode;
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (!deadline.aborted) throw toConnectionError(base, cause);
      const message = `${base} gave no answer for ${host} within ${timeoutMs} ms`;
      throw new ProxyError('PROXY_TIMEOUT', message, { cause });
    }
  }

  return { ask, close: () => void dispatcher.destroy().catch(() => undefined) };
}
