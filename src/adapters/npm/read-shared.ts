// Access lists and certificates, of which hosts keep the ids.
import type { ObservedAccessList, ObservedCertificate } from '#domain/routes/observed-proxy.ts';
import { toPasswordMark } from '#domain/routes/password-mark.ts';
import { readCertificateText } from './certificate-text.ts';
import type { NpmClient } from './npm-client.ts';
import { toDomains } from './to-host-entry.ts';
import { type Fields, fieldsOf, toRows, toTimeMs } from './wire.ts';

/** @throws ProxyError */
export async function readAccessLists(
  client: NpmClient,
  signal: AbortSignal,
): Promise<readonly ObservedAccessList[]> {
  const path = '/nginx/access-lists?expand=items,clients';
  const answer = await client.read({ kind: 'access-list', path, signal });
  return toRows('access lists', answer).map(toAccessList);
}

/** @throws ProxyError */
export async function readCertificates(
  client: NpmClient,
  signal: AbortSignal,
): Promise<readonly ObservedCertificate[]> {
  const answer = await client.read({ kind: 'certificate', path: '/nginx/certificates', signal });
  return toRows('certificates', answer).map(toCertificate);
}

/** Passwords are blank here, but for a hint with their first letter and length: even that is not kept. */
export function toAccessList(row: unknown): ObservedAccessList {
  const fields = fieldsOf('an access list', row);
  const users = fields.list('items').map((item) => fieldsOf('a user of an access list', item));
  const clients = fields.list('clients').map((client) => fieldsOf('a client of an access list', client));
  return {
    id: fields.integer('id'),
    name: fields.textOrEmpty('name'),
    satisfyAny: fields.flag('satisfy_any'),
    passAuth: fields.flag('pass_auth'),
    usernames: users.map((user) => user.text('username')),
    passwordMarks: Object.fromEntries(
      users
        .filter((user) => user.textOrEmpty('hint') !== '')
        .map((user) => [user.text('username'), toPasswordMark(user.text('hint'))]),
    ),
    clients: clients.map(toAccessClient),
  };
}

function toAccessClient(fields: Fields) {
  const directive = fields.text('directive') === 'allow' ? 'allow' : 'deny';
  return { address: fields.text('address'), directive } as const;
}

/**
 * `meta` has the private key of a certificate of one's own: of it, only the certificate is read. NPM itself tells
 * no more of it than its first name.
 */
export function toCertificate(row: unknown): ObservedCertificate {
  const fields = fieldsOf('a certificate', row);
  // A row without files expires when it was made. That its `meta` has them does not mean that nginx has.
  const isFilled = fields.textOrEmpty('expires_on') !== fields.textOrEmpty('created_on');
  const pem = fields.record('meta')['certificate'];
  const own = isFilled && typeof pem === 'string' ? readCertificateText(pem) : undefined;
  return {
    id: fields.integer('id'),
    provider: fields.text('provider') === 'letsencrypt' ? 'letsencrypt' : 'other',
    name: fields.textOrEmpty('nice_name'),
    domains: toDomains([...fields.list('domain_names'), ...(own?.domains ?? [])]),
    expiresAtMs: isFilled ? (own?.expiresAtMs ?? toTimeMs(fields.textOrEmpty('expires_on'))) : undefined,
    isFilled,
  };
}
