import type { RouteStep } from '#domain/routes/route-plan.ts';
import { ProxyError, type RouteStepResult } from '#ports/proxy.ts';
import { bringBackHosts, doubtHosts } from './bring-back-hosts.ts';
import type { NpmDeps } from './npm-deps.ts';
import { isUnsure } from './npm-failure.ts';
import { readCertificates } from './read-shared.ts';
import { toDomains } from './to-host-entry.ts';
import { toId } from './wire.ts';

type RequestCertificate = Extract<RouteStep, { kind: 'request-certificate' }>;

/**
 * Asks Let's Encrypt, by way of NPM, which answers when it has ended. Meanwhile the hosts of these domains are out of
 * nginx (quirk 10); our own are back when this ends, either way. @throws ProxyError
 */
export async function requestCertificate(
  step: RequestCertificate,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  const issued = await findIssued(step, deps, signal);
  if (issued !== undefined) return { id: issued };
  const { client, identity } = deps;
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
  const hosts = await doubtHosts(step.domains, deps, signal);
  try {
    return { id: await order(step, body, deps, signal) };
  } finally {
    await bringBackHosts(hosts, deps, signal);
  }
}

/** The id of the new certificate. @throws ProxyError */
async function order(
  step: RequestCertificate,
  body: object,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<number> {
  const { client, certificateMs } = deps;
  const path = '/nginx/certificates';
  const call = {
    kind: 'certificate',
    method: 'POST',
    path,
    body,
    deadlineMs: certificateMs,
    signal,
  } as const;
  try {
    return toId('the new certificate', await client.write(call));
  } catch (error) {
    if (!isUnsure(error)) throw error;
    const id = await findIssued(step, deps, signal);
    if (id !== undefined) return id;
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
