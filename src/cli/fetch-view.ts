import type { ErrorView } from '#contract/status.ts';
import type { ApiAccess } from './cli-actions.ts';
import { CliError } from './cli-error.ts';

const requestTimeoutMs = 10_000;

/**
 * One GET of the daemon's API.
 * @throws CliError with the API's own code where it answered
 */
export async function fetchView<T>(access: ApiAccess, path: string): Promise<T> {
  return readView(access, await requestApi(access, path, toJsonOptions()));
}

/**
 * One POST to the daemon's API.
 * @throws CliError with the API's own code where it answered
 */
export async function postView<T>(access: ApiAccess, path: string, body: unknown): Promise<T> {
  const text = JSON.stringify(body);
  return readView(access, await requestApi(access, path, { ...toJsonOptions(), body: text }));
}

function toJsonOptions(): RequestOptions {
  return { accept: 'application/json', signal: AbortSignal.timeout(requestTimeoutMs) };
}

async function readView<T>(access: ApiAccess, response: Response): Promise<T> {
  if (!response.ok) throw await refuse(access, response);
  const body: unknown = await response.json().catch(() => undefined);
  if (body !== undefined) return body as T;
  throw toRefusal(access, { code: 'API_FAILED', message: `status ${response.status}` });
}

type RequestOptions = {
  readonly accept: string;
  readonly signal: AbortSignal;
  /** JSON to POST; absent: it is a GET. */
  readonly body?: string;
};

/** The answer, whatever it is. @throws CliError when there is none */
export async function requestApi(
  { url, token }: ApiAccess,
  path: string,
  { accept, signal, body }: RequestOptions,
): Promise<Response> {
  const headers = {
    accept,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const post = body === undefined ? {} : { method: 'POST', body };
  try {
    return await fetch(new URL(path, url), { ...post, headers, signal, redirect: 'error' });
  } catch (error) {
    const code = signal.aborted ? 'API_TIMEOUT' : 'API_UNREACHABLE';
    throw new CliError(code, `no answer from ${url}: is the daemon running there?`, { cause: error });
  }
}

/** What an answer that is a refusal says. */
export async function refuse(access: ApiAccess, response: Response): Promise<CliError> {
  const body: unknown = await response.json().catch(() => undefined);
  return toRefusal(
    access,
    toErrorFacts(body) ?? { code: 'API_FAILED', message: `status ${response.status}` },
  );
}

function toRefusal({ url }: ApiAccess, { code, message }: ErrorView['error']): CliError {
  return new CliError(code, `${url} refused: ${message}`);
}

function toErrorFacts(body: unknown): ErrorView['error'] | undefined {
  const error = (body as Partial<ErrorView> | undefined)?.error;
  return typeof error?.code === 'string' && typeof error.message === 'string' ? error : undefined;
}
