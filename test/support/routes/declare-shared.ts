import type { DesiredAccessList, DesiredCertificate } from '#domain/routes/desired-route.ts';
import { createSelfSigned } from '../npm/self-signed.ts';
import { toGeneration } from './npm-route-rig.ts';

export function accessList(other: Partial<Omit<DesiredAccessList, 'generation'>> = {}): DesiredAccessList {
  const list = {
    name: 'family',
    satisfyAny: false,
    passAuth: false,
    users: [
      { username: 'ann', password: 'canary-of-ann' },
      { username: 'bob', password: 'canary-of-bob' },
    ],
    clients: [{ address: '10.0.0.0/8', directive: 'allow' as const }],
    ...other,
  };
  return { ...list, generation: toGeneration(list).slice(0, 8) };
}

const pairs = new Map<string, ReturnType<typeof createSelfSigned>>();

/** One for each name and each `serial`. */
export function certificate(name: string, domains: readonly string[], serial = 1): DesiredCertificate {
  const key = `${name} ${domains.join()} ${serial}`;
  const expiresAtMs = 1_700_000_000_000 + (80 + serial) * 86_400_000;
  const pair =
    pairs.get(key) ?? createSelfSigned(domains, { notBeforeMs: 1_699_000_000_000, notAfterMs: expiresAtMs });
  pairs.set(key, pair);
  return {
    name,
    certificatePem: pair.certificate,
    keyPem: pair.key,
    domains,
    expiresAtMs,
    generation: toGeneration(pair.certificate).slice(0, 8),
  };
}
