import type { ErrorView } from '#contract/status.ts';
import type { ApiAccess } from './cli-actions.ts';
import { CliError } from './cli-error.ts';

const requestTimeoutMs = 10_000;

/**
 * One GET of the daemon's API.
 * @throws CliError with the API's own code where it answered
 */
export async function fetchView<T>({ url, token }: ApiAccess, path: string): Promise<T> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const signal = AbortSignal.timeout(requestTimeoutMs);
  const response = await fetch(new URL(path, url), { headers, signal, redirect: 'error' }).catch(
    (error: unknown) => {
      const code = signal.aborted ? 'API_TIMEOUT' : 'API_UNREACHABLE';
      throw new CliError(code, `no answer from ${url}: is the daemon running there?`, { cause: error });
    },
  );
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as T;
  const { code, message } = toErrorFacts(body) ?? {
    code: 'API_FAILED',
    message: `status ${response.status}`,
  };
  throw new CliError(code, `${url} refused: ${message}`);
}

function toErrorFacts(body: unknown): ErrorView['error'] | undefined {
  const error = (body as Partial<ErrorView> | undefined)?.error;
  return typeof error?.code === 'string' && typeof error.message === 'string' ? error : undefined;
}
