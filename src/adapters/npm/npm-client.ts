import { type ProxyAbilities, resolveProxyAbilities } from '#domain/routes/proxy-abilities.ts';
import type { Clock } from '#ports/clock.ts';
import { ProxyError } from '#ports/proxy.ts';
import type { NpmCall } from './npm-call.ts';
import { isAbsent, isUnsure, toAnswerError } from './npm-failure.ts';
import type { NpmHttp } from './npm-http.ts';
import type { NpmSession } from './npm-session.ts';
import { createAuthorizedSend, type SendNpmCall } from './send-authorized.ts';
import { fieldsOf, toRecord } from './wire.ts';

export type NpmRead = Pick<NpmCall, 'kind' | 'path' | 'signal'>;
export type NpmWrite = Omit<NpmCall, 'method'> & { readonly method: 'POST' | 'PUT' | 'DELETE' };

export type NpmClient = {
  /** Asked once more when the first try met a reload or a restart. @throws ProxyError */
  read(call: NpmRead): Promise<unknown>;
  /** Undefined: there is no such object. @throws ProxyError */
  readIfThere(call: NpmRead): Promise<unknown>;
  /**
   * Sent once; again only when a worn-out token had kept it from being done. An error for which `isUnsure`
   * holds leaves open what was done. @throws ProxyError
   */
  write(call: NpmWrite): Promise<unknown>;
  /** Asks for the version. @throws ProxyError */
  readVersion(signal: AbortSignal): Promise<string>;
  /** Of the version that was read last. @throws ProxyError */
  abilities(signal: AbortSignal): Promise<ProxyAbilities>;
  /** @throws the signal's reason */
  pause(ms: number, signal: AbortSignal): Promise<void>;
};

export type NpmClientDeps = {
  readonly http: NpmHttp;
  readonly session: NpmSession;
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  /** From the end of a write to the next: its nginx reloads after it has answered. */
  readonly paceMs: number;
};

/** A back end that has crashed is up again after about a second. */
const restartMs = 1_500;

export function createNpmClient({ http, session, clock, paceMs }: NpmClientDeps): NpmClient {
  const authorized = createAuthorizedSend(http, session);
  let version: string | undefined;
  let mayWriteAtMs = 0;

  async function pause(ms: number, signal: AbortSignal): Promise<void> {
    if (ms > 0) await clock.sleep(ms, signal);
    signal.throwIfAborted();
  }

  async function ask(read: NpmRead, send: SendNpmCall): Promise<unknown> {
    const call: NpmCall = { ...read, method: 'GET' };
    try {
      return await demand(call, send);
    } catch (error) {
      if (!isUnsure(error) || error.code === 'PROXY_TIMEOUT') throw error;
      await pause(restartMs, call.signal);
      return demand(call, send);
    }
  }

  async function readIfThere(call: NpmRead): Promise<unknown> {
    try {
      return await ask(call, authorized);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  async function write(call: NpmWrite): Promise<unknown> {
    await pause(mayWriteAtMs - clock.monotonicMs(), call.signal);
    try {
      return await demand(call, authorized);
    } finally {
      mayWriteAtMs = clock.monotonicMs() + paceMs;
    }
  }

  /** Without a token: it tells what a login would have to look like. */
  async function readVersion(signal: AbortSignal): Promise<string> {
    version = toVersion(await ask({ kind: 'health', path: '/', signal }, (call) => http.send(call)));
    return version;
  }

  return {
    read: (call) => ask(call, authorized),
    readIfThere,
    write,
    readVersion,
    abilities: async (signal) => resolveProxyAbilities(version ?? (await readVersion(signal))),
    pause,
  };
}

async function demand(call: NpmCall, send: SendNpmCall): Promise<unknown> {
  const answer = await send(call);
  if (answer.status < 200 || answer.status >= 300) throw toAnswerError(call, answer);
  if (answer.body !== undefined) return answer.body;
  const message = `${call.method} ${call.path}: the answer is not JSON`;
  throw new ProxyError('PROXY_UNKNOWN_ANSWER', message, { status: answer.status });
}

function toVersion(body: unknown): string {
  const version = fieldsOf('its version', toRecord('the health of the proxy', body)['version']);
  return [version.integer('major'), version.integer('minor'), version.integer('revision')].join('.');
}
