import { Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import type { DockerAddress, DockerTls } from './docker-address.ts';

export type DialRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: object;
  readonly registryAuth?: string;
  /** Credentials of several registries, for a build. */
  readonly registryConfig?: string;
  /** A tar to send in place of a body. A stream is read to its end, or destroyed. */
  readonly archive?: Buffer | Readable;
};

/** The one place that talks through dockerode: every status is an answer, every body a stream. */
export type Dialer = {
  /** Resolves with the head of the answer; rejects with the connection's own error. */
  dial(request: DialRequest, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
};

/** dockerode takes for success what the table says; by this one it is whatever came. */
const everyStatus = new Proxy({}, { get: () => true });

function toHeaders({ registryAuth, registryConfig }: DialRequest): Record<string, string> {
  return {
    ...(registryAuth === undefined ? {} : { 'X-Registry-Auth': registryAuth }),
    ...(registryConfig === undefined ? {} : { 'X-Registry-Config': registryConfig }),
  };
}

export function createDialer(address: DockerAddress, tls: DockerTls | undefined, maxSockets: number): Dialer {
  const isTls = 'protocol' in address && address.protocol === 'https';
  const agentOptions = { keepAlive: true, maxSockets, maxFreeSockets: 4 };
  const agent = isTls ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  // For a debug line that nobody reads, docker-modem formats all options of every request, the agent with
  // every waiting request in it: 10 ms each when forty wait.
  Object.assign(agent, { [inspect.custom]: () => 'Agent' });
  // Named although undefined: dockerode takes DOCKER_HOST and its kin for what is not.
  const fromNowhereElse = { host: undefined, port: undefined, protocol: undefined, timeout: undefined };
  const certificates = { ca: tls?.ca, cert: tls?.cert, key: tls?.key };
  const options = { ...fromNowhereElse, ...certificates, ...address, agent };
  const { modem } = new Docker(options);
  return {
    dial: (request, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
      modem.dial(
        {
          // The `?` makes it append the query; what is sent must be told apart from it, or a whole spec,
          // secrets included, would stand in the URL.
          path: request.query === undefined ? request.path : `${request.path}?`,
          method: request.method,
          options: { _query: request.query ?? {}, _body: request.body ?? {} },
          headers: toHeaders(request),
          ...(request.archive === undefined ? {} : { file: request.archive }),
          isStream: true,
          statusCodes: everyStatus,
          abortSignal: signal,
        },
        (error: unknown, response: unknown) => {
          if (error) reject(error);
          else resolve(response as IncomingMessage);
        },
      );
      return promise;
    },
    close: () => agent.destroy(),
  };
}
