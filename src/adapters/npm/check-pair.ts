import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { DesiredCertificate } from '#domain/routes/desired-route.ts';
import { ProxyError } from '#ports/proxy.ts';

/**
 * NPM takes a key that does not belong to its certificate, after which nginx refuses every write of every host
 * (quirk 12), and crashes over one with a passphrase (quirk 13). So neither gets there.
 * @throws ProxyError CERTIFICATE_REFUSED
 */
export function demandPair({ name, certificatePem, keyPem, intermediatePem }: DesiredCertificate): void {
  const refuse = (why: string): never => {
    throw new ProxyError('CERTIFICATE_REFUSED', `certificate "${name}": ${why}`, { reaction: 'stall' });
  };
  const certificate = parse(() => new X509Certificate(certificatePem)) ?? refuse('it cannot be read');
  // What is thrown for a bad key may show parts of it, so it is not told.
  const key: KeyObject =
    parse(() => createPrivateKey(keyPem)) ?? refuse('its key cannot be read, or has a passphrase');
  if (!certificate.checkPrivateKey(key)) refuse('its key belongs to another certificate');
  const chain = intermediatePem ?? certificatePem;
  if (parse(() => new X509Certificate(chain)) === undefined) refuse('the intermediate cannot be read');
}

function parse<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
