import { type NpmAnswer, type NpmCall, type NpmCore, ok, type TokenPayload } from '../npm-core.ts';
import { internalError } from '../npm-error.ts';
import { textOf } from '../npm-state.ts';
import { checkPassword } from './password.ts';
import { authError, issueToken, readToken } from './token-signer.ts';
import { acceptsCode, isSecondFactorOn } from './two-factor.ts';

const challengeScope = '2fa-challenge';
const defaultExpiry = '1d';

/** `POST /tokens`: a token, or a challenge where the user has a second factor. */
export async function login(call: NpmCall): Promise<NpmAnswer> {
  const { core, body } = call;
  const user = checkPassword(core, String(body['identity']), String(body['secret']));
  if (isSecondFactorOn(core, user.id)) {
    const { token } = issueToken(core, user.id, [challengeScope], '5m');
    return ok({ requires_2fa: true, challenge_token: token });
  }
  return ok(issueToken(core, user.id, ['user'], textOf(body['expiry']) || defaultExpiry));
}

/** `POST /tokens/2fa` */
export async function answerChallenge(call: NpmCall): Promise<NpmAnswer> {
  const { core, body } = call;
  const challenge = readChallenge(core, String(body['challenge_token']));
  if (!challenge.scope.includes(challengeScope)) throw authError(core, 'Invalid challenge token');
  const userId = challenge.attrs.id ?? 0;
  if (!acceptsCode(core, userId, String(body['code']))) {
    throw authError(core, 'Invalid verification code', 'error.invalid-2fa');
  }
  return ok(issueToken(core, userId, ['user'], defaultExpiry));
}

function readChallenge(core: NpmCore, token: string): TokenPayload {
  try {
    return readToken(core, token);
  } catch {
    throw authError(core, 'Invalid or expired challenge token');
  }
}

/** `GET /tokens?expiry=30d`: a fresh token; the old one goes on living. */
export async function refresh(call: NpmCall): Promise<NpmAnswer> {
  const { token } = call.access;
  if (token?.attrs.id === undefined) throw internalError('error is not defined');
  const expiry = call.query.get('expiry') ?? defaultExpiry;
  return ok(issueToken(call.core, token.attrs.id, token.scope, expiry));
}
