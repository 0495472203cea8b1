import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { createSelfSigned } from './self-signed.ts';

const lifetimeMs = 90 * 86_400_000;
const appPair = createSelfSigned(['app.test'], { notAfterMs: Date.now() + lifetimeMs });
const otherPair = createSelfSigned(['other.test'], { notAfterMs: Date.now() + lifetimeMs });

/** The file that the recording describes in words: `PEM`, `another PEM`, `PEM of another pair`, `"hello"`. */
function toFile(part: string, words: string): string {
  if (words === '"hello"') return 'hello';
  if (words.includes('encrypted')) return encryptedKey();
  const isKey = part === 'certificate_key';
  const pair = words.includes('another') ? otherPair : appPair;
  return isKey ? pair.key : pair.certificate;
}

export function toMultipart(parts: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [part, words] of Object.entries(parts)) {
    form.set(part, new Blob([toFile(part, words)]), `${part}.pem`);
  }
  return form;
}

/** A body of the recordings, with what was cut out of it put in again. */
export function fillIn(body: unknown, words: Readonly<Record<string, string>>): unknown {
  if (typeof body === 'string') return words[body] ?? fillText(body);
  if (Array.isArray(body)) return body.map((one) => fillIn(one, words));
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([name, field]) => [name, fillIn(field, words)]));
}

function fillText(text: string): string {
  const long = /^# xxx… \((\d+) kB\)$/.exec(text);
  if (long !== null) return `# ${'x'.repeat(Number(long[1]) * 1000)}`;
  if (text === '<certificate pem>') return appPair.certificate;
  return text.startsWith('<private key pem>') ? appPair.key : text;
}

function encryptedKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
  return createPrivateKey(pem).export(options).toString();
}
