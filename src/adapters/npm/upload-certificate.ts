// A certificate of one's own: a row, then its files. Nothing can be changed in a row but by files.
import type { DesiredCertificate } from '#domain/routes/desired-route.ts';
import type { ObservedCertificate } from '#domain/routes/observed-proxy.ts';
import type { RouteStep } from '#domain/routes/route-plan.ts';
import { ProxyError, type RouteStepResult } from '#ports/proxy.ts';
import { demandPair } from './check-pair.ts';
import { toMultipart } from './multipart.ts';
import type { NpmDeps } from './npm-deps.ts';
import { isAbsent, isUnsure } from './npm-failure.ts';
import { readCertificates } from './read-shared.ts';
import { toId } from './wire.ts';

type CreateCertificate = Extract<RouteStep, { kind: 'create-certificate' }>;

const certificatePath = '/nginx/certificates';
/** Times come in the zone of the server, which nobody knows. */
const zonesMs = 15 * 3_600_000;

/** A row with its files is used as it is, an empty one filled, and further empty ones removed. @throws ProxyError */
export async function createCertificate(
  step: CreateCertificate,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  const { certificate, name } = step;
  deps.addSecret(certificate.keyPem);
  demandPair(certificate);

  const ours = await findRows(name, deps, signal);
  const filled = ours.find((row) => hasFiles(row, certificate));
  const empty = ours.filter(({ isFilled }) => !isFilled);
  const id = filled?.id ?? empty.find((row) => row.id === step.id)?.id ?? empty[0]?.id;
  if (filled === undefined) return fill(id ?? (await createRow(name, deps, signal)), step, deps, signal);
  for (const row of empty) await removeRow(row.id, deps, signal);
  return { id: filled.id };
}

async function findRows(name: string, { client }: NpmDeps, signal: AbortSignal) {
  const rows = await readCertificates(client, signal);
  return rows.filter((row) => row.provider === 'other' && row.name === name);
}

async function createRow(name: string, deps: NpmDeps, signal: AbortSignal): Promise<number> {
  const body = { provider: 'other', nice_name: name };
  try {
    const call = { kind: 'certificate', method: 'POST', path: certificatePath, body, signal } as const;
    return toId('the new certificate', await deps.client.write(call));
  } catch (error) {
    const row = isUnsure(error) ? (await findRows(name, deps, signal))[0] : undefined;
    if (row === undefined) throw error;
    return row.id;
  }
}

async function fill(
  id: number,
  { name, certificate }: CreateCertificate,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  const { certificatePem, keyPem, intermediatePem } = certificate;
  const body = toMultipart({
    certificate: certificatePem,
    certificate_key: keyPem,
    ...(intermediatePem === undefined ? {} : { intermediate_certificate: intermediatePem }),
  });
  const path = `${certificatePath}/${id}/upload`;
  const failure = await attempt(() =>
    // The answer repeats the key, and is not read.
    deps.client.write({ kind: 'certificate', method: 'POST', path, body, signal }),
  );
  const rows = await findRows(name, deps, signal);
  const row = rows.find((each) => each.id === id);
  if (row === undefined || !hasFiles(row, certificate)) throw failure ?? toUnlike(name);
  for (const { id: rest } of rows.filter(({ isFilled }) => !isFilled)) await removeRow(rest, deps, signal);
  return { id };
}

async function attempt(write: () => Promise<unknown>): Promise<ProxyError | undefined> {
  try {
    await write();
  } catch (error) {
    if (isUnsure(error)) return error;
    if (error instanceof ProxyError && error.status === 400) throw toRefused(error);
    throw error;
  }
  return undefined;
}

function toRefused(cause: ProxyError): ProxyError {
  return new ProxyError('CERTIFICATE_REFUSED', cause.message, { cause, status: 400, reaction: 'stall' });
}

function toUnlike(name: string): ProxyError {
  return new ProxyError(
    'PROXY_FAILED',
    `certificate "${name}" reads back differently from what was uploaded`,
  );
}

function hasFiles({ isFilled, expiresAtMs }: ObservedCertificate, wanted: DesiredCertificate): boolean {
  return isFilled && Math.abs((expiresAtMs ?? 0) - wanted.expiresAtMs) <= zonesMs;
}

/** Empty ones only: nothing uses them. */
async function removeRow(id: number, { client }: NpmDeps, signal: AbortSignal): Promise<void> {
  try {
    await client.write({ kind: 'certificate', method: 'DELETE', path: `${certificatePath}/${id}`, signal });
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}
