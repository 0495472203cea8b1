import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A certificate and its key, as PEM. */
export type KeyPair = { readonly certificate: string; readonly key: string };

/** A certificate for the first of the names, signed by itself, with all of them as alternative names. */
export function createSelfSigned(
  names: readonly string[],
  options: { notBeforeMs?: number; notAfterMs?: number } = {},
): KeyPair {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const nowMs = Date.now();
  const subject = toName(names[0] ?? 'localhost');
  const content = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    subject,
    sequence(toTime(options.notBeforeMs ?? nowMs), toTime(options.notAfterMs ?? nowMs + 90 * 86_400_000)),
    subject,
    publicKey,
    tagged(0xa3, sequence(toAlternativeNames(names))),
  );
  const signature = sign('SHA256', content, privateKey);
  const certificate = sequence(content, ecdsaWithSha256, tagged(0x03, Buffer.from([0]), signature));
  return {
    certificate: toPem(certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

// DER: a tag, the length, the content.
function tagged(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), toLength(content.length), content]);
}

function toLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  return length < 0x100 ? Buffer.from([0x81, length]) : Buffer.from([0x82, length >> 8, length & 0xff]);
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return tagged(0x30, ...contents);
}

function integer(value: Buffer): Buffer {
  return tagged(0x02, value);
}

/** Object identifiers as their bytes: 1.2.840.10045.4.3.2, 2.5.4.3, 2.5.29.17. */
const ecdsaWithSha256 = sequence(tagged(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
const commonName = tagged(0x06, Buffer.from('550403', 'hex'));
const subjectAltName = tagged(0x06, Buffer.from('551d11', 'hex'));

function toName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(commonName, tagged(0x0c, Buffer.from(name)))));
}

/** `GeneralizedTime`, whole seconds. */
function toTime(timeMs: number): Buffer {
  const text = new Date(timeMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return tagged(0x18, Buffer.from(text));
}

function toAlternativeNames(names: readonly string[]): Buffer {
  const list = sequence(...names.map((name) => tagged(0x82, Buffer.from(name))));
  return sequence(subjectAltName, tagged(0x04, list));
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
