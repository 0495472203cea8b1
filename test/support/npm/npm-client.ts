import { type Dispatcher, request } from 'undici';
import { adminCredentials } from './start-npm.ts';

export type NpmResponse = { readonly status: number; readonly body: unknown };

/** Asks the API as one user; for tests of the double, and to be the human beside a controller. */
export type NpmClient = {
  readonly token: string;
  call(method: string, path: string, body?: object | FormData): Promise<NpmResponse>;
  /** The body of an answer of 200 or 201. @throws for any other */
  must(method: string, path: string, body?: object | FormData): Promise<Record<string, unknown>>;
};

export async function loginTo(
  npm: { readonly url: string },
  credentials: { identity: string; secret: string } = adminCredentials,
): Promise<NpmClient> {
  return logIn((token, asked) => callApi(npm.url, token, asked), credentials);
}

/** Within this process, without connections; for bodies of JSON. */
export async function loginWithin(npm: { dispatcher(): Dispatcher }): Promise<NpmClient> {
  const dispatcher = npm.dispatcher();
  return logIn((token, asked) => callWithin(dispatcher, token, asked), adminCredentials);
}

type Asked = {
  readonly method: string;
  readonly path: string;
  readonly body?: object | FormData | undefined;
};
type Ask = (token: string | undefined, asked: Asked) => Promise<NpmResponse>;

async function logIn(ask: Ask, credentials: object): Promise<NpmClient> {
  const { body } = await ask(undefined, { method: 'POST', path: '/tokens', body: credentials });
  const { token } = body as { token?: string };
  if (token === undefined) throw new Error(`not let in: ${JSON.stringify(body)}`);
  const call = (method: string, path: string, sent?: object | FormData): Promise<NpmResponse> =>
    ask(token, { method, path, body: sent });
  return {
    token,
    call,
    async must(method, path, sent) {
      const { status, body: answer } = await call(method, path, sent);
      if (status !== 200 && status !== 201) {
        throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
      }
      return answer as Record<string, unknown>;
    },
  };
}

/** One request below `/api`, with any token or none. */
export async function callApi(
  url: string,
  token: string | undefined,
  { method, path, body }: Asked,
): Promise<NpmResponse> {
  const isForm = body instanceof FormData;
  const response = await fetch(`${url}/api${path}`, {
    method,
    headers: {
      connection: 'close',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : isForm ? body : JSON.stringify(body),
  });
  const type = response.headers.get('content-type') ?? '';
  return { status: response.status, body: readBody(type, await response.text()) };
}

async function callWithin(
  dispatcher: Dispatcher,
  token: string | undefined,
  { method, path, body }: Asked,
): Promise<NpmResponse> {
  const response = await request(`http://npm.invalid/api${path}`, {
    dispatcher,
    method: method as Dispatcher.HttpMethod,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const type = String(response.headers['content-type'] ?? '');
  return { status: response.statusCode, body: readBody(type, await response.body.text()) };
}

function readBody(type: string, text: string): unknown {
  return type.includes('json') && text !== '' ? JSON.parse(text) : text;
}

/** What every proxy host needs, on port 9101 of this machine. */
export function proxyHost(domain: string, more: object = {}): object {
  return {
    domain_names: [domain],
    forward_scheme: 'http',
    forward_host: '127.0.0.1',
    forward_port: 9101,
    ...more,
  };
}
