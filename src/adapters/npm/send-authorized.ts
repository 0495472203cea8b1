import type { NpmAnswer, NpmCall } from './npm-call.ts';
import { isTokenRefused, mayBeTokenRefused, toAnswerError } from './npm-failure.ts';
import type { NpmHttp } from './npm-http.ts';
import type { NpmSession } from './npm-session.ts';

export type SendNpmCall = (call: NpmCall) => Promise<NpmAnswer>;

/**
 * Sends with our token. What a worn-out token has kept from being done is sent once more, after a login; what
 * then still is refused is no matter of the token.
 */
export function createAuthorizedSend(http: NpmHttp, session: NpmSession): SendNpmCall {
  async function isTokenAtFault(call: NpmCall, answer: NpmAnswer): Promise<boolean> {
    if (isTokenRefused(answer)) return true;
    return mayBeTokenRefused(call, answer) && !(await tokenWorks(call.signal));
  }

  /** Everybody may ask who they are. */
  async function tokenWorks(signal: AbortSignal): Promise<boolean> {
    const call: NpmCall = { kind: 'user', method: 'GET', path: '/users/me', signal };
    const answer = await http.send(call, await session.token(signal));
    if (answer.status >= 502 && answer.status <= 504) throw toAnswerError(call, answer);
    return answer.status === 200;
  }

  return async (call) => {
    const answer = await http.send(call, await session.token(call.signal));
    if (!(await isTokenAtFault(call, answer))) return answer;
    session.forget();
    // Whatever is wrong with the token, a write may have failed by itself, half done: what is there has to be read first.
    if (answer.status === 500 && call.method !== 'GET') return answer;
    return http.send(call, await session.token(call.signal));
  };
}
