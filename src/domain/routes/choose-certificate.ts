// Which of the proxy's certificates a route gets.
import type { CertificateChoice } from './desired-route.ts';
import type { ObservedCertificate } from './observed-proxy.ts';
import { findOwnName, toSharedName } from './shared-name.ts';

export type ChosenCertificate =
  | { readonly kind: 'chosen'; readonly id: number; readonly certificate?: ObservedCertificate }
  /** It is still to be issued, under this name. */
  | ({ readonly kind: 'to-request' } & CertificateRequest)
  /** It is declared, and made in a step before. */
  | { readonly kind: 'pending'; readonly name: string }
  | { readonly kind: 'missing'; readonly message: string };

export type CertificateRequest = {
  readonly name: string;
  readonly keyType: 'rsa' | 'ecdsa';
  /** Somebody has asked for it already, maybe in an earlier run. */
  readonly isOrdered?: boolean;
};

export type CertificateScene = {
  readonly certificates: readonly ObservedCertificate[];
  /** Names of those that the fleet declares, with the generation of each. */
  readonly declared: Readonly<Record<string, string>>;
  readonly owner: string;
  readonly nowMs: number;
};

const none: ChosenCertificate = { kind: 'chosen', id: 0 };

export function chooseCertificate(
  choice: CertificateChoice,
  hosts: readonly string[],
  scene: CertificateScene,
): ChosenCertificate {
  switch (choice.kind) {
    case 'none':
      return none;
    case 'auto':
      return toChosen(findCovering(hosts, scene)) ?? none;
    case 'named':
      return findNamed(choice.name, scene);
    case 'letsencrypt':
      return findIssued(choice.keyType, hosts, scene);
  }
}

/**
 * Of those that cover all hosts, one that is still declared before one that is not, one that is valid before one that
 * has run out, and then the one with the longest life. An old one is better than none: a host that loses its
 * certificate loses the redirect to https with it, and goes on in clear text.
 */
function findCovering(
  hosts: readonly string[],
  { certificates, declared, owner, nowMs }: CertificateScene,
): ObservedCertificate | undefined {
  // One of ours that is declared no more would never go while it is preferred.
  const isStale = ({ name }: ObservedCertificate) => {
    const own = findOwnName(name, owner);
    return own !== undefined && declared[own.name] !== own.generation;
  };
  const usable = certificates
    .filter(({ isFilled }) => isFilled)
    .filter(({ domains }) => hosts.every((host) => domains.some((domain) => covers(domain, host))))
    .toSorted((a, b) => (b.expiresAtMs ?? 0) - (a.expiresAtMs ?? 0) || a.id - b.id);
  const isValid = ({ expiresAtMs = 0 }: ObservedCertificate) => expiresAtMs > nowMs;
  return (
    usable.find((each) => isValid(each) && !isStale(each)) ??
    usable.find(isValid) ??
    usable.find((each) => !isStale(each)) ??
    usable[0]
  );
}

/** A wildcard stands for one label (RFC 6125). */
function covers(domain: string, host: string): boolean {
  if (domain.toLowerCase() === host) return true;
  return domain.startsWith('*.') && host.slice(host.indexOf('.')) === domain.slice(1).toLowerCase();
}

function findNamed(name: string, scene: CertificateScene): ChosenCertificate {
  const generation = scene.declared[name];
  const isNamed = (certificate: ObservedCertificate) =>
    certificate.isFilled &&
    certificate.name === (generation === undefined ? name : toSharedName(name, scene.owner, generation));
  const found = toChosen(scene.certificates.filter(isNamed).toSorted((a, b) => a.id - b.id)[0]);
  if (found !== undefined) return found;
  if (generation !== undefined) return { kind: 'pending', name };
  return { kind: 'missing', message: `the proxy has no certificate of the name "${name}"` };
}

/**
 * One is asked for again only when it is gone or has run out: the proxy renews it by itself. It bears no mark of ours,
 * because the proxy names it after its domains, so whoever had it issued, it is used, and it is never removed.
 */
function findIssued(
  keyType: 'rsa' | 'ecdsa',
  hosts: readonly string[],
  { certificates, nowMs }: CertificateScene,
): ChosenCertificate {
  const wanted = hosts.toSorted().join();
  const ours = certificates.filter(
    ({ provider, domains }) => provider === 'letsencrypt' && domains.toSorted().join() === wanted,
  );
  const issued = ours
    .filter(({ expiresAtMs = 0, isFilled }) => isFilled && expiresAtMs > nowMs)
    .toSorted((a, b) => (b.expiresAtMs ?? 0) - (a.expiresAtMs ?? 0) || a.id - b.id)[0];
  const isOrdered = ours.some((each) => each.isOrdered);
  return (
    toChosen(issued) ?? {
      kind: 'to-request',
      name: hosts.join(', '),
      keyType,
      ...(isOrdered && { isOrdered }),
    }
  );
}

function toChosen(certificate: ObservedCertificate | undefined): ChosenCertificate | undefined {
  return certificate === undefined ? undefined : { kind: 'chosen', id: certificate.id, certificate };
}
