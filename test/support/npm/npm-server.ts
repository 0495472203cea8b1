import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { answerRequest, type NpmParts } from './answer-request.ts';
import { formatHtml, type NpmReply } from './npm-reply.ts';

/** How NPM's admin port is reached: its nginx, and the back end behind `/api/`. */
export type NpmServer = {
  readonly url: string;
  closeIdle(): void;
  resetAll(): void;
  /** Nobody listens any more, until `setUp`. */
  setDown(): Promise<void>;
  setUp(): Promise<void>;
};

/** On a port of 127.0.0.1; any for 0. */
export async function startNpmServer(parts: NpmParts, wantedPort: number): Promise<NpmServer> {
  const sockets = new Set<Socket>();
  let server = createNpmServer(parts, sockets);
  await listenOn(server, wantedPort);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    closeIdle: () => server.closeIdleConnections(),
    resetAll() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async setDown() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
    async setUp() {
      server = createNpmServer(parts, sockets);
      await listenOn(server, port);
    },
  };
}

/** Nobody listens. */
export function createAbsentServer(): NpmServer {
  return {
    url: 'http://npm.invalid:81',
    closeIdle: () => undefined,
    resetAll: () => undefined,
    setDown: async () => undefined,
    setUp: async () => undefined,
  };
}

function createNpmServer(parts: NpmParts, sockets: Set<Socket>): Server {
  const server = createServer((request, response) => {
    // A client that goes away while it is answered is no fault of ours.
    answer(parts, request, response).catch((error: unknown) => {
      if (!response.headersSent && !request.destroyed) {
        write(response, formatHtml(500, 'Internal Server Error'));
      } else response.destroy(error instanceof Error ? error : undefined);
    });
  });
  return server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
}

async function listenOn(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

async function answer(parts: NpmParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '/', headers } = request;
  const contentType = headers['content-type'] ?? '';
  const { authorization } = headers;
  const incoming = {
    method,
    target: url,
    contentType,
    authorization,
    readContent: () => readContent(request),
  };
  await answerRequest(parts, incoming, (reply) => {
    if (reply === undefined) response.destroy();
    else write(response, reply);
  });
}

async function readContent(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function write(response: ServerResponse, { status, headers, content, isCut = false }: NpmReply): void {
  response.writeHead(status, headers);
  if (isCut) response.write(content, () => response.destroy());
  else response.end(content);
}
