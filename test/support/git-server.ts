import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isolatedGitEnvironment } from './state-repo.ts';

/** What goes wrong with every request, until it is set to `none` again. */
export type GitServerFault =
  | 'none'
  | 'down'
  | 'error-500'
  | 'hang'
  | 'html'
  /** The connection breaks in the middle of the pack. */
  | 'cut-mid-pack'
  /** As before, but properly ended, so that HTTP itself sees no fault. */
  | 'end-mid-pack'
  /** To the same path there; with `once`, the requests after the first are answered again. */
  | { readonly redirectTo: string; readonly once?: boolean };

export type GitServer = {
  /** `http://127.0.0.1:<port>`; a repository is `<url>/state.git`. */
  readonly url: string;
  /** Requests since the start or the last `forget`. */
  readonly requests: readonly {
    readonly method: string;
    readonly url: string;
    readonly authorization?: string;
  }[];
  forget(): void;
  setFault(fault: GitServerFault): void;
  close(): Promise<void>;
};

/**
 * A real Git server: `git http-backend` behind node:http, on a free port of the loopback address, or on `port`.
 * With `auth`, every request needs these credentials.
 */
export async function startGitServer(options: {
  /** The folder whose repositories are served. */
  root: string;
  auth?: { username: string; password: string };
  port?: number;
}): Promise<GitServer> {
  const requests: { method: string; url: string; authorization?: string }[] = [];
  const sockets = new Set<Socket>();
  let fault: GitServerFault = 'none';

  const server = createServer((request, response) => {
    const { authorization } = request.headers;
    requests.push({
      method: request.method ?? '',
      url: request.url ?? '',
      ...(authorization === undefined ? {} : { authorization }),
    });
    const current = fault;
    if (typeof fault === 'object' && fault.once === true) fault = 'none';
    if (answerFault(current, request, response)) return;
    if (options.auth !== undefined && authorization !== toBasic(options.auth)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('sign in');
      return;
    }
    serveGit(options.root, request, response, fault);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    forget() {
      requests.length = 0;
    },
    setFault(next) {
      fault = next;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** True when the fault is the whole answer. */
function answerFault(fault: GitServerFault, request: IncomingMessage, response: ServerResponse): boolean {
  if (typeof fault === 'object') {
    response.writeHead(302, { location: `${fault.redirectTo}${request.url}` }).end();
    return true;
  }
  switch (fault) {
    case 'down':
      request.socket.destroy();
      return true;
    case 'error-500':
      response.writeHead(500).end('broken');
      return true;
    case 'hang':
      return true;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please sign in</html>');
      return true;
    case 'none':
    case 'cut-mid-pack':
    case 'end-mid-pack':
      return false;
  }
}

function serveGit(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  fault: GitServerFault,
): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...isolatedGitEnvironment(root),
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      // Absent for a chunked body; the backend then reads to the end.
      ...(request.headers['content-length'] === undefined
        ? {}
        : { CONTENT_LENGTH: request.headers['content-length'] }),
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'someone',
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  backend.on('error', () => response.destroy());
  // The backend may end before it has read everything, and the client may leave before it has.
  backend.stdin.on('error', () => {});
  response.on('close', () => backend.kill());
  request.pipe(backend.stdin);
  const isPack = request.method === 'POST';
  sendCgiAnswer(backend.stdout, response, isPack ? fault : 'none').catch(() => response.destroy());
}

/** CGI: header lines, an empty line, the body. */
async function sendCgiAnswer(
  output: Readable,
  response: ServerResponse,
  fault: GitServerFault,
): Promise<void> {
  let head: Buffer | undefined = Buffer.alloc(0);
  let sentBytes = 0;
  for await (const chunk of output as AsyncIterable<Buffer>) {
    let body = chunk;
    if (head !== undefined) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) continue;
      writeHead(response, head.toString('latin1', 0, end));
      body = head.subarray(end + 4);
      head = undefined;
    }
    if ((fault === 'cut-mid-pack' || fault === 'end-mid-pack') && sentBytes + body.byteLength > 200) {
      // Flushed first, so that the client has really got the first part when the connection goes.
      await new Promise((resolve) => response.write(body.subarray(0, 200), resolve));
      if (fault === 'cut-mid-pack') response.destroy();
      else response.end();
      return;
    }
    sentBytes += body.byteLength;
    if (!response.write(body)) {
      await waitForDrain(response);
    }
    if (response.destroyed) return;
  }
  response.end();
}

function waitForDrain(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const proceed = () => {
      response.off('drain', proceed).off('close', proceed);
      resolve();
    };
    response.on('drain', proceed).on('close', proceed);
  });
}

function writeHead(response: ServerResponse, text: string): void {
  for (const line of text.split('\r\n')) {
    const [name = '', value = ''] = line.split(/:\s*(.*)/s);
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
}

function toBasic(auth: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
}
