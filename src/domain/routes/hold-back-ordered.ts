// While Let's Encrypt is asked for a certificate, the proxy has the hosts of its names out of nginx, and at the end it
// writes their files as it remembers them: without TLS, without access list, and also for one that has been deleted.
import { describeHost } from './describe-host.ts';
import type { ObservedHostEntry, ObservedProxy } from './observed-proxy.ts';
import type { RoutePart } from './route-part.ts';
import type { RoutePlan, RouteStep } from './route-plan.ts';

/** What is to be done to such a host waits until the order is over. */
export function holdBackOrdered(
  part: RoutePart,
  { hosts, certificates }: Pick<ObservedProxy, 'hosts' | 'certificates'>,
  nowMs: number,
): RoutePart {
  const names = new Set(
    certificates.flatMap(({ isOrdered, domains }) => (isOrdered === true ? domains : [])),
  );
  if (names.size === 0) return part;
  const waits: RoutePlan['waits'][number][] = [];
  const steps = part.steps.map((step): RouteStep => {
    const host = findHost(step, hosts);
    if (step.after !== undefined || host === undefined || host.body.kind === 'stream') return step;
    if (!host.body.domains.some((each) => names.has(each))) return step;
    const after = `the order of a certificate for ${describeHost(host)} is over`;
    const lane = `host:${host.kind}/${host.id}`;
    waits.push({ lane, reason: 'CertificatePending', message: after, lookAgainAtMs: nowMs + 5_000 });
    return { ...step, after };
  });
  return { ...part, steps, waits: [...part.waits, ...waits] };
}

function findHost(step: RouteStep, hosts: readonly ObservedHostEntry[]): ObservedHostEntry | undefined {
  switch (step.kind) {
    case 'update-host':
      return step.before;
    case 'enable-host':
    case 'disable-host':
    case 'delete-host':
      return hosts.find(({ kind, id }) => kind === step.host.kind && id === step.host.id);
    default:
      return undefined;
  }
}
