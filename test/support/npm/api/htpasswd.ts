import { createHash } from 'node:crypto';

type Credentials = { readonly name: string; readonly password: string };

/** The file that nginx checks passwords with, as `{SHA}`, which needs no salt. */
export function formatHtpasswd(users: readonly Credentials[]): string {
  return users
    .filter(({ password }) => password !== '')
    .map((user) => `${toLine(user)}\n`)
    .join('');
}

/** As nginx checks it. */
export function hasPassword(htpasswd: string, credentials: Credentials | undefined): boolean {
  return credentials !== undefined && htpasswd.split('\n').includes(toLine(credentials));
}

function toLine({ name, password }: Credentials): string {
  return `${name}:{SHA}${createHash('sha1').update(password).digest('base64')}`;
}
