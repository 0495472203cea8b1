import type { RouteStep } from '#domain/routes/route-plan.ts';
import { ProxyError, type RouteStepResult } from '#ports/proxy.ts';
import type { NpmDeps } from './npm-deps.ts';
import { isUnsure } from './npm-failure.ts';
import { readCertificates } from './read-shared.ts';
import { toDomains } from './to-host-entry.ts';
import { toId } from './wire.ts';

type RequestCertificate = Extract<RouteStep, { kind: 'request-certificate' }>;

/**
 * Asks Let's Encrypt, by way of NPM, which answers when it has ended. Meanwhile and until they are written again,
 * the hosts of these domains are out of nginx (quirk 10). @throws ProxyError
 */
export async function requestCertificate(
  step: RequestCertificate,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  const issued = await findIssued(step, deps, signal);
  if (issued !== undefined) return { id: issued };
  const { client, certificateMs, identity } = deps;
  const abilities = await client.abilities(signal);
  const body = {
    provider: 'letsencrypt',
    domain_names: toDomains(step.domains),
    meta: {
      dns_challenge: false,
      ...(abilities.certificateKeyType ? { key_type: step.keyType } : {}),
      ...(abilities.ownLetsencryptAccount ? {} : { letsencrypt_email: identity, letsencrypt_agree: true }),
    },
  };
  const path = '/nginx/certificates';
  try {
    const answer = await client.write({
      kind: 'certificate',
      method: 'POST',
      path,
      body,
      deadlineMs: certificateMs,
      signal,
    });
    return { id: toId('the new certificate', answer) };
  } catch (error) {
    if (!isUnsure(error)) throw error;
    const id = await findIssued(step, deps, signal);
    if (id !== undefined) return { id };
    if (error.status !== 500) throw error;
    throw new ProxyError('CERTIFICATE_REFUSED', error.message, { cause: error, status: 500 });
  }
}

/**
 * Of an earlier try, whose answer was lost or late. It is known by its domains: NPM names it after them, whatever
 * name it was sent.
 */
async function findIssued(
  step: RequestCertificate,
  { client, nowMs }: NpmDeps,
  signal: AbortSignal,
): Promise<number | undefined> {
  const wanted = toDomains(step.domains).join();
  const rows = await readCertificates(client, signal);
  const row = rows.find(
    ({ provider, domains, expiresAtMs = 0 }) =>
      provider === 'letsencrypt' && domains.join() === wanted && expiresAtMs > nowMs(),
  );
  return row?.id;
}
