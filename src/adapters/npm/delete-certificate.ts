import type { RouteStep } from '#domain/routes/route-plan.ts';
import { ProxyError, type RouteStepResult } from '#ports/proxy.ts';
import { hostKinds } from './host-paths.ts';
import type { NpmDeps } from './npm-deps.ts';
import { isAbsent, isUnsure } from './npm-failure.ts';
import { readHosts } from './read-hosts.ts';
import { readCertificates } from './read-shared.ts';

/**
 * Refused while a host has it: without its files, nginx would refuse every write of every host (quirk 11).
 * @throws ProxyError
 */
export async function deleteCertificate(
  { id, name }: Extract<RouteStep, { kind: 'delete-certificate' }>,
  { client }: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  for (const kind of hostKinds) {
    const user = (await readHosts(client, kind, signal)).find(({ body }) => body.certificateId === id);
    if (user === undefined) continue;
    throw new ProxyError('PROXY_CONFLICT', `certificate "${name}" is in use by ${kind} ${user.id}`);
  }
  try {
    const path = `/nginx/certificates/${id}`;
    await client.write({ kind: 'certificate', method: 'DELETE', path, signal });
  } catch (error) {
    if (!isUnsure(error) && !isAbsent(error)) throw error;
    if ((await readCertificates(client, signal)).some((row) => row.id === id)) throw error;
  }
  return {};
}
