import type { RouteStep } from '#domain/routes/route-plan.ts';
import { ProxyError, type RouteStepResult } from '#ports/proxy.ts';
import type { NpmDeps } from './npm-deps.ts';
import { isCut, isUnsure } from './npm-failure.ts';
import { bringBackHosts, markHosts } from './ordered-hosts.ts';
import { readCertificates } from './read-shared.ts';
import { toDomains } from './to-host-entry.ts';
import { toId } from './wire.ts';

type RequestCertificate = Extract<RouteStep, { kind: 'request-certificate' }>;

/**
 * Asks Let's Encrypt, by way of NPM, which answers when it has ended. Meanwhile the hosts of these domains are out of
 * nginx (quirk 10); our own are back when the order has ended, either way. If nobody knows whether it has, they stay
 * marked, because NPM takes their protection away at its end. @throws ProxyError
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
  const hosts = await markHosts(step.domains, deps, signal);
  const id = await order(step, body, deps, signal).catch(async (error: unknown) => {
    if (isAnswered(error)) await bringBackHosts(hosts, deps, signal);
    throw error;
  });
  await bringBackHosts(hosts, deps, signal);
  return { id };
}

function isAnswered(error: unknown): boolean {
  return error instanceof ProxyError && error.status !== undefined && !isCut(error);
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
