import { X509Certificate } from 'node:crypto';

export type CertificateText = { readonly domains: readonly string[]; readonly expiresAtMs: number };

/** What a certificate says of itself; undefined for what is none. Of a chain, the first. */
export function readCertificateText(pem: string): CertificateText | undefined {
  const certificate = parseCertificate(pem);
  if (certificate === undefined) return undefined;
  const names = certificate.subjectAltName ?? '';
  // An entry with a comma or a quote in it stands in quotes, and is no name of a host.
  const domains = names.split(', ').flatMap((entry) => /^DNS:([^"]+)$/.exec(entry)?.[1] ?? []);
  return { domains, expiresAtMs: certificate.validToDate.getTime() };
}

/** Undefined for what is none: what is thrown for it may show parts of the text. */
export function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
