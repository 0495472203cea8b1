import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export type FakeRequest = { readonly method: string; readonly url: string; readonly body: string };

export type FakeDaemon = {
  readonly host: string;
  readonly requests: readonly FakeRequest[];
  /** Connections that were ever opened. */
  connections(): number;
  close(): Promise<void>;
};

type Handler = (request: FakeRequest, response: ServerResponse, incoming: IncomingMessage) => void;

/** A server on a real unix socket that answers pings, and leaves everything else to the test. */
export async function startFakeDaemon(handler: Handler, apiVersion = () => '1.41'): Promise<FakeDaemon> {
  const directory = await mkdtemp(join(tmpdir(), 'shorefast-fake-'));
  const socketPath = join(directory, 'docker.sock');
  const requests: FakeRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((incoming, response) => {
    if (incoming.url === '/_ping') {
      response.setHeader('api-version', apiVersion()).end('OK');
      return;
    }
    void text(incoming).then((body) => {
      const request = { method: incoming.method ?? '', url: incoming.url ?? '', body };
      requests.push(request);
      handler(request, response, incoming);
    });
  });
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    host: `unix://${socketPath}`,
    requests,
    connections: () => connections,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
