import { createPrivateKey, X509Certificate } from 'node:crypto';
import { NpmError, temporaryPath } from '../npm-error.ts';

/** What NPM tells of a certificate: seconds since 1970. */
export type CertificateInfo = {
  readonly cn?: string;
  readonly issuer: string;
  readonly dates: { readonly from: number; readonly to: number };
};

export const fileNames = ['certificate', 'certificate_key', 'intermediate_certificate'];

/** @throws 400 as for garbage, or when it has expired */
export function readCertificate(pem: string, nowMs: number): CertificateInfo {
  const path = temporaryPath();
  const certificate = parseCertificate(pem);
  if (certificate === undefined) throw badCertificate(path);
  const cn = /^CN=(.*)$/m.exec(certificate.subject)?.[1];
  const info = {
    ...(cn === undefined ? {} : { cn }),
    issuer: certificate.issuer.split('\n').join(', ').replaceAll('=', ' = '),
    dates: { from: toSeconds(certificate.validFrom), to: toSeconds(certificate.validTo) },
  };
  if (info.dates.to * 1000 < nowMs) {
    throw new NpmError(400, 'Certificate is not valid (Certificate has expired)');
  }
  return info;
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function toSeconds(date: string): number {
  return Math.floor(Date.parse(date) / 1000);
}

function badCertificate(path: string): NpmError {
  const message = `Could not read certificate from ${path}\nUnable to load certificate\n`;
  const cmd = `openssl x509 -in ${path} -subject -noout`;
  const command = { code: 1, killed: false, signal: null, cmd };
  const previous = { name: 'Error', previous: command, message, code: 1, public: false };
  return new NpmError(400, `Certificate is not valid (${message})`, { previous });
}

/** A key with a passphrase makes openssl ask, which kills the back end in the end. */
export function isProtectedKey(pem: string): boolean {
  return pem.includes('ENCRYPTED');
}

/** @throws 400 when it is no key */
export function checkKey(pem: string): void {
  try {
    createPrivateKey(pem);
  } catch {
    const cmd = `openssl pkey -in ${temporaryPath()} -check -noout 2>&1 `;
    const code = { code: 1, killed: false, signal: null, cmd };
    const previous = { name: 'Error', message: '', code, public: false };
    throw new NpmError(400, 'Certificate Key is not valid ()', { previous });
  }
}
