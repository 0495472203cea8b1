import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEngineHost } from './engine-request.ts';

export type RecordedCall = {
  readonly method: string;
  /** Without the version prefix and the query: `/containers/json`. */
  readonly path: string;
  /** As it came: `/v1.41/containers/json?all=1`. */
  readonly url: string;
};

// Enough for the engine to have read the call, too little for it to have done it.
const leaveMs = 2;

const agent = new Agent({ keepAlive: true });

/** What is done to a call instead of passing it on faithfully. */
export type Fault = {
  readonly matches: (call: RecordedCall) => boolean;
  /**
   * `refuse`: the connection is closed without an answer; `cut`: the answer ends in the middle of its body;
   * `lose`: the call is done, its answer is not passed on; `leave`: it is passed on, and the engine loses its
   * client while it works; `delay`: it is passed on after `delayMs`.
   */
  readonly kind: 'refuse' | 'cut' | 'lose' | 'leave' | 'delay';
  /** Called when `refuse`, `lose` or `leave` is about to close the connection: a place to kill the client. */
  readonly strike?: () => void;
  readonly delayMs?: number;
  /** How often; for ever when absent. */
  readonly times?: number;
};

/** Stands between a client and a real engine, counts what is asked and can break it. */
export type RecordingProxy = AsyncDisposable & {
  /** `unix:///…`, to be used in place of the engine's. */
  readonly host: string;
  calls(): readonly RecordedCall[];
  /** Calls that change something: everything but GET and HEAD. */
  mutations(): readonly RecordedCall[];
  /** Forgets the calls and the faults. */
  reset(): void;
  addFault(fault: Fault): void;
  close(): Promise<void>;
};

export async function startRecordingProxy(engineHost: string): Promise<RecordingProxy> {
  const directory = await mkdtemp(join(tmpdir(), 'shorefast-proxy-'));
  const socketPath = join(directory, 'docker.sock');
  let calls: RecordedCall[] = [];
  let faults: { fault: Fault; left: number }[] = [];
  const sockets = new Set<Socket>();

  function record(incoming: IncomingMessage): Fault | undefined {
    const url = incoming.url ?? '';
    const path = url.replace(/^\/v[\d.]+(?=\/)/, '').replace(/\?.*$/, '');
    const call = { method: incoming.method ?? '', path, url };
    calls.push(call);
    const found = faults.find(({ fault, left }) => left > 0 && fault.matches(call));
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  }

  const server = createServer((incoming, outgoing) => {
    forward(engineHost, incoming, outgoing, record(incoming));
  });
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    record(incoming);
    tunnel(engineHost, incoming, socket, head);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(socketPath);
  await once(server, 'listening');

  async function close(): Promise<void> {
    server.close();
    for (const socket of sockets) socket.destroy();
    await rm(directory, { recursive: true, force: true });
  }

  return {
    host: `unix://${socketPath}`,
    calls: () => calls,
    mutations: () => calls.filter(({ method }) => method !== 'GET' && method !== 'HEAD'),
    reset: () => {
      calls = [];
      faults = [];
    },
    addFault: (fault) => {
      faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function forward(
  engineHost: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault | undefined,
): void {
  if (fault?.kind === 'refuse') {
    fault.strike?.();
    incoming.socket.destroy();
    return;
  }
  const { method, url: path } = incoming;
  // With `connection: close` the engine may close, and reset, before its answer has been read.
  const headers = { ...incoming.headers, connection: 'keep-alive' };
  const call = request({ ...parseEngineHost(engineHost), method, path, headers, agent });
  call.on('response', (response) => answer(response, outgoing, fault));
  // The engine's failure is passed on as one; a client that leaves ends the call to the engine.
  call.on('error', () => {
    if (!outgoing.headersSent) outgoing.destroy();
  });
  outgoing.on('close', () => call.destroy());
  if (fault?.kind === 'leave') call.on('finish', () => setTimeout(() => strike(fault, outgoing), leaveMs));
  incoming.on('error', () => call.destroy());
  // A request without a body must stay one: an empty chunked body can arrive after the engine has answered
  // and closed, and the answer is lost with the reset.
  const hasBody = 'content-length' in headers || 'transfer-encoding' in headers;
  const send = () => (hasBody ? incoming.pipe(call) : call.end());
  if (fault?.kind === 'delay') setTimeout(send, fault.delayMs ?? 0);
  else send();
}

function answer(response: IncomingMessage, outgoing: ServerResponse, fault: Fault | undefined): void {
  response.on('error', () => outgoing.destroy());
  if (fault?.kind === 'lose') {
    response.resume().on('end', () => strike(fault, outgoing));
    return;
  }
  outgoing.writeHead(response.statusCode ?? 502, response.headers);
  outgoing.flushHeaders();
  if (fault?.kind === 'cut') {
    outgoing.write('[', () => outgoing.destroy());
    return;
  }
  response.pipe(outgoing);
}

function strike(fault: Fault, outgoing: ServerResponse): void {
  fault.strike?.();
  outgoing.destroy();
}

/** Attach and exec take over the connection: from here on only bytes go to and fro. */
function tunnel(engineHost: string, incoming: IncomingMessage, socket: Socket, head: Buffer): void {
  const address = parseEngineHost(engineHost);
  const engine = 'socketPath' in address ? connect(address.socketPath) : connect(address.port, address.host);
  const headers = Array.from({ length: incoming.rawHeaders.length / 2 }, (_, index) =>
    incoming.rawHeaders.slice(2 * index, 2 * index + 2).join(': '),
  );
  engine.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  engine.write(head);
  engine.pipe(socket).pipe(engine);
  engine.on('error', () => socket.destroy());
  socket.on('error', () => engine.destroy());
}
