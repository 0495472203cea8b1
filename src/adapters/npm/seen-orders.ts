import type { ObservedCertificate } from '#domain/routes/observed-proxy.ts';

/**
 * An order that is under way is a row of Let's Encrypt without files, and so is one that NPM has left behind when it
 * died. Rows tell no time that could be trusted, so that each counts as under way for as long as an order may last,
 * from when it was first seen.
 */
export type SeenOrders = {
  mark(certificates: readonly ObservedCertificate[]): readonly ObservedCertificate[];
};

export function createSeenOrders(nowMs: () => number, longestMs: number): SeenOrders {
  const firstSeenMs = new Map<number, number>();
  return {
    mark(certificates) {
      const open = certificates.filter(({ provider, isFilled }) => provider === 'letsencrypt' && !isFilled);
      const ids = new Set(open.map(({ id }) => id));
      for (const id of firstSeenMs.keys()) if (!ids.has(id)) firstSeenMs.delete(id);
      for (const id of ids) if (!firstSeenMs.has(id)) firstSeenMs.set(id, nowMs());
      return certificates.map((certificate) => {
        const sinceMs = firstSeenMs.get(certificate.id);
        const isOrdered = sinceMs !== undefined && nowMs() - sinceMs < longestMs;
        return isOrdered ? { ...certificate, isOrdered } : certificate;
      });
    },
  };
}
