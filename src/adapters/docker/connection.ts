import type { IncomingMessage } from 'node:http';
import { createDialer, type DialRequest } from './dial.ts';
import { type DockerTls, parseDockerHost } from './docker-address.ts';
import { isCutConnection, toConnectionError } from './engine-failure.ts';

export type DockerConnection = {
  /**
   * The head of the answer, whatever its status. `long` is for streams and calls that wait (stop, pull):
   * among the short ones they would take all places. @throws EngineError, or the signal's reason
   */
  open(length: 'short' | 'long', request: DialRequest, signal: AbortSignal): Promise<IncomingMessage>;
  /** An error of a body that broke off, in our own words. */
  explain(error: unknown): unknown;
  close(): void;
};

const maxShortSockets = 8;

export function openConnection(host: string | undefined, tls: DockerTls | undefined): DockerConnection {
  const address = parseDockerHost(host, tls !== undefined);
  const dialers = {
    short: createDialer(address, tls, maxShortSockets),
    long: createDialer(address, tls, Number.POSITIVE_INFINITY),
  };
  const name = host ?? 'the default socket';

  async function open(
    length: 'short' | 'long',
    request: DialRequest,
    signal: AbortSignal,
    mayRetry = request.method === 'GET',
  ): Promise<IncomingMessage> {
    try {
      return await dialers[length].dial(request, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      // Only what changes nothing may be sent again.
      if (mayRetry && isCutConnection(error)) return open(length, request, signal, false);
      throw toConnectionError(name, error);
    }
  }

  return {
    open: (length, request, signal) => open(length, request, signal),
    explain: (error) => (isCutConnection(error) ? toConnectionError(name, error) : error),
    close: () => {
      dialers.short.close();
      dialers.long.close();
    },
  };
}
