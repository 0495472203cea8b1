import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { DesiredCertificate } from '#domain/routes/desired-route.ts';
import type { AppFiles } from '../app-files.ts';
import { hashContent } from '../content-hash.ts';
import { InvalidValue, type Place } from '../place.ts';
import type { CertificateFiles } from './proxy-document.ts';

type CertificateScene = { readonly place: Place; readonly files: AppFiles; readonly nowMs: number };

/** In name order. What is wrong is told at its place; then the result is not to be used. */
export async function resolveCertificates(
  documents: Readonly<Record<string, CertificateFiles>>,
  scene: CertificateScene,
): Promise<readonly DesiredCertificate[]> {
  const certificates: DesiredCertificate[] = [];
  for (const name of Object.keys(documents).toSorted()) {
    const files = documents[name];
    if (files === undefined) continue;
    const certificate = await resolveCertificate(name, files, { ...scene, place: scene.place.at(name) });
    if (certificate !== undefined) certificates.push(certificate);
  }
  return certificates;
}

async function resolveCertificate(
  name: string,
  files: CertificateFiles,
  scene: CertificateScene,
): Promise<DesiredCertificate | undefined> {
  const { place } = scene;
  if (['auto', 'none', 'letsencrypt'].includes(name)) {
    place.error(`"${name}" has a meaning of its own as a certificate`, 'call it something else');
  }
  const certificatePem = await readPem('certificate', files.certificate, scene);
  const keyPem = await readPem('key', files.key, scene);
  const { intermediate } = files;
  const intermediatePem =
    intermediate === undefined ? '' : await readPem('intermediate', intermediate, scene);
  if (certificatePem === undefined || keyPem === undefined || intermediatePem === undefined) return undefined;
  const certificate = place.at('certificate').attempt(() => parseCertificate(certificatePem));
  const key = place.at('key').attempt(() => parseKey(keyPem));
  if (intermediatePem !== '') place.at('intermediate').attempt(() => parseCertificate(intermediatePem));
  if (certificate === undefined || key === undefined) return undefined;
  if (!certificate.checkPrivateKey(key)) {
    place
      .at('key')
      .error('does not belong to the certificate', 'a proxy would serve no host any more with such a pair');
  }
  checkValidity(certificate, place.at('certificate'), scene.nowMs);
  return {
    name,
    certificatePem,
    keyPem,
    ...(intermediatePem !== '' && { intermediatePem }),
    domains: listDomains(certificate),
    expiresAtMs: certificate.validToDate.getTime(),
    generation: hashContent([certificatePem, intermediatePem]).slice(0, 8),
  };
}

async function readPem(
  key: keyof CertificateFiles,
  path: string,
  { files, place }: CertificateScene,
): Promise<string | undefined> {
  const result = await files.read(path);
  if (result.kind === 'read') return result.text;
  const message = result.kind === 'missing' ? `there is no "${path}" in the state repo` : result.message;
  place.at(key).error(message, 'files are named relative to the root of the repo');
  return undefined;
}

/** The first one of the file; those after it are its chain. @throws InvalidValue */
function parseCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new InvalidValue('the file holds no certificate', 'expected PEM: -----BEGIN CERTIFICATE-----');
  }
}

/** @throws InvalidValue */
function parseKey(pem: string): KeyObject {
  // The proxy asks for the passphrase, waits ten seconds for it and ends.
  if (/^-----BEGIN ENCRYPTED|^Proc-Type:.*ENCRYPTED/m.test(pem)) {
    throw new InvalidValue(
      'the key has a passphrase',
      'take it off: openssl pkey -in key.pem -out plain.pem',
    );
  }
  try {
    return createPrivateKey(pem);
  } catch {
    throw new InvalidValue('the file holds no private key', 'expected PEM: -----BEGIN PRIVATE KEY-----');
  }
}

const dayMs = 86_400_000;
const warnBeforeDays = 30;

function checkValidity({ validToDate, validFromDate }: X509Certificate, place: Place, nowMs: number): void {
  const leftMs = validToDate.getTime() - nowMs;
  const day = validToDate.toISOString().slice(0, 10);
  // No more than that: an error would leave open what the fleet wants of the proxy at all.
  if (leftMs <= 0) place.warn(`expired on ${day}`, 'renew it');
  else if (leftMs < warnBeforeDays * dayMs) {
    place.warn(`expires on ${day}, in ${Math.floor(leftMs / dayMs)} days`, 'renew it');
  }
  if (validFromDate.getTime() > nowMs) {
    place.warn(`is not valid before ${validFromDate.toISOString().slice(0, 10)}`);
  }
}

/** Of its alternative names, else its common name. Sorted. */
function listDomains({ subjectAltName = '', subject }: X509Certificate): readonly string[] {
  const names = subjectAltName.split(', ').flatMap((each) => /^DNS:"?([^"]+)"?$/.exec(each)?.[1] ?? []);
  const commonName = /^CN=(.+)$/m.exec(subject)?.[1];
  const found = names.length > 0 || commonName === undefined ? names : [commonName];
  return [...new Set(found.map((name) => name.toLowerCase()))].toSorted();
}
