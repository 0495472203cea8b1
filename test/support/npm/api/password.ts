import type { NpmCore } from '../npm-core.ts';
import { liveRows, type Row } from '../npm-state.ts';
import { authError } from './token-signer.ts';

/** E-mails are not unique: the first user who has it and is not disabled counts. */
export function checkPassword(core: NpmCore, identity: string, secret: string): Row {
  const email = identity.toLowerCase().trim();
  const user = liveRows(core.state, 'user').find(
    (row) => row['email'] === email && row['is_disabled'] !== true,
  );
  const auth = liveRows(core.state, 'auth').find((row) => row['user_id'] === user?.id);
  if (user === undefined || auth === undefined) {
    throw authError(core, loginText(core, 'No relevant user found'));
  }
  if (auth['secret'] !== secret) {
    throw authError(core, loginText(core, 'Invalid password'), 'error.invalid-auth');
  }
  return user;
}

/** Up to 2.12.1 the text told which of the two was wrong. */
function loginText(core: NpmCore, before: string): string {
  return core.version.isSince('2.12.2') ? 'Invalid email or password' : before;
}
