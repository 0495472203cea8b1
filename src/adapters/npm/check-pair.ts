import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { DesiredCertificate } from '#domain/routes/desired-route.ts';
import { ProxyError } from '#ports/proxy.ts';
import { parseCertificate } from './certificate-text.ts';

/**
 * NPM takes a key that does not belong to its certificate, after which nginx refuses every write of every host
 * (quirk 12), and crashes over one with a passphrase (quirk 13). So neither gets there.
 * @throws ProxyError CERTIFICATE_REFUSED
 */
export function demandPair({ name, certificatePem, keyPem, intermediatePem }: DesiredCertificate): void {
  const refuse = (why: string): never => {
    throw new ProxyError('CERTIFICATE_REFUSED', `certificate "${name}": ${why}`, { reaction: 'stall' });
  };
  const certificate = parseCertificate(certificatePem) ?? refuse('it cannot be read');
  const key = parseKey(keyPem) ?? refuse('its key cannot be read, or has a passphrase');
  if (!certificate.checkPrivateKey(key)) refuse('its key belongs to another certificate');
  const isReadable = intermediatePem === undefined || parseCertificate(intermediatePem) !== undefined;
  if (!isReadable) refuse('the intermediate cannot be read');
}

/** What is thrown for a bad key may show parts of it, so it is not told. */
function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
