// Certificates: those of the fleet's own, and those that routes want to be issued. A changed one is made anew beside
// the old one: an upload over it would neither be loaded nor checked (quirk 12).
import type { DesiredCertificate } from './desired-route.ts';
import type { ObservedCertificate, ObservedProxy } from './observed-proxy.ts';
import type { RouteStep } from './route-plan.ts';
import { toSharedName } from './shared-name.ts';

export function planCertificates(
  wanted: readonly DesiredCertificate[],
  { certificates }: ObservedProxy,
  owner: string,
): readonly RouteStep[] {
  return wanted.flatMap((certificate): readonly RouteStep[] => {
    const name = toSharedName(certificate.name, owner, certificate.generation);
    const same = certificates.filter((each) => each.name === name).toSorted((a, b) => a.id - b.id);
    if (same.some(({ isFilled }) => isFilled)) return [];
    const cause = {
      reason: 'Missing',
      message: `certificate ${certificate.name} is declared, but missing`,
    } as const;
    return [{ kind: 'create-certificate', name, certificate, ...toRowId(same[0]), cause }];
  });
}

/** An empty row of an earlier try is filled. */
function toRowId(row: ObservedCertificate | undefined): { readonly id?: number } {
  return row === undefined ? {} : { id: row.id };
}
