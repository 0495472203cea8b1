// While Let's Encrypt is asked for a certificate, the proxy has the hosts of its names out of nginx, and at the end it
// writes their files as it remembers them: without TLS, without access list, and also for one that has been deleted.
import { describeHost } from './describe-host.ts';
import type { ObservedHostEntry, ObservedProxy } from './observed-proxy.ts';
import type { RouteStep } from './route-plan.ts';

/** What is to be done to such a host waits until the order is over. */
export function holdBackOrdered(
  steps: readonly RouteStep[],
  { hosts, certificates }: Pick<ObservedProxy, 'hosts' | 'certificates'>,
): readonly RouteStep[] {
  const names = new Set(
    certificates.flatMap(({ isOrdered, domains }) => (isOrdered === true ? domains : [])),
  );
  if (names.size === 0) return steps;
  return steps.map((step) => {
    const host = findHost(step, hosts);
    const isOut =
      host !== undefined && host.body.kind !== 'stream' && host.body.domains.some((each) => names.has(each));
    return isOut ? { after: `the order of a certificate for ${describeHost(host)} is over`, ...step } : step;
  });
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
