import { setTimeout as sleep } from 'node:timers/promises';
import { createSelfSigned, type KeyPair } from './self-signed.ts';

/** What asks a certificate authority for certificates. A test may change how it behaves at any time. */
export type Certbot = {
  /** What certbot writes to stderr; undefined: it works. */
  failure: string | undefined;
  /** The call that wants the certificate waits as long. */
  delayMs: number;
  lifetimeMs: number;
  /** `--server` of the command line that failures tell. */
  server: string | undefined;
  /** All that it was asked for. */
  readonly requests: CertificateRequest[];
  issue(request: CertificateRequest): Promise<KeyPair>;
};

export type CertificateRequest = {
  readonly id: number;
  readonly names: readonly string[];
  readonly email: string;
  readonly keyType?: string;
};

/** certbot ended with an error. */
export class CertbotFailure extends Error {}

export function createCertbot(now: () => number): Certbot {
  const certbot: Certbot = {
    failure: undefined,
    delayMs: 0,
    lifetimeMs: 90 * 86_400_000,
    server: undefined,
    requests: [],
    async issue(request) {
      certbot.requests.push(request);
      await sleep(certbot.delayMs);
      if (certbot.failure !== undefined) throw new CertbotFailure(certbot.failure);
      const notBeforeMs = now();
      return createSelfSigned(request.names, { notBeforeMs, notAfterMs: notBeforeMs + certbot.lifetimeMs });
    },
  };
  return certbot;
}

/** The command line as NPM's answer shows it. */
export function formatCertbotCommand(request: CertificateRequest, server: string | undefined): string {
  return [
    'certbot certonly -n --config /etc/letsencrypt.ini --work-dir /tmp/letsencrypt-lib --logs-dir /data/logs',
    `--cert-name npm-${request.id} --agree-tos --authenticator webroot -m ${request.email}`,
    `--preferred-challenges http --domains ${request.names.join(',')}`,
    ...(request.keyType === undefined ? [] : [`--key-type ${request.keyType}`]),
    ...(server === undefined ? [] : [`--server ${server}`]),
  ].join(' ');
}
