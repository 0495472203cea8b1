// What Nginx Proxy Manager can do, by its version: it refuses requests with fields that it does not know.

export type ProxyAbilities = {
  readonly trustForwardedProto: boolean;
  /** TLS in front of a stream. */
  readonly streamCertificates: boolean;
  /** Redirections name "as it came" `auto`; before, `$scheme`. */
  readonly autoScheme: boolean;
  /** It takes the account for Let's Encrypt from its user; before, from each request. */
  readonly ownLetsencryptAccount: boolean;
  /** The kind of a certificate's key can be chosen. */
  readonly certificateKeyType: boolean;
  /** It keeps the order of an access list's addresses. */
  readonly orderedClients: boolean;
};

/** `version` as in `ObservedProxy`. What cannot be read as a version is taken for a new one. */
export function resolveProxyAbilities(version: string): ProxyAbilities {
  const has = (since: string) => compareProxyVersions(version, since) >= 0;
  return {
    trustForwardedProto: has('2.14.0'),
    streamCertificates: has('2.12.3'),
    autoScheme: has('2.12.1'),
    ownLetsencryptAccount: has('2.13.0'),
    certificateKeyType: has('2.13.6'),
    orderedClients: has('2.15.0'),
  };
}

/** < 0 when `a` is older than `b`. */
function compareProxyVersions(a: string, b: string): number {
  const parts = (version: string) => version.split('.').map(Number);
  const [theirs, ours] = [parts(a), parts(b)];
  for (const [place, number] of ours.entries()) {
    const difference = (theirs[place] ?? 0) - number;
    if (difference !== 0) return Number.isNaN(difference) ? 1 : difference;
  }
  return 0;
}
