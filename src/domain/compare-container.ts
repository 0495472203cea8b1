// The live container against the declared one, field by field, as far as it can be told without its spec:
// that is covered by the generation. What differs here was done to the host by hand.
import type { RestartPolicy } from './container-spec.ts';
import type { DesiredService } from './desired.ts';
import type { ObservedContainer } from './observed.ts';
import type { Difference } from './plan.ts';

/** Differences of a container whose generation is the desired one. Every one of them is drift. */
export function compareContainer(
  container: ObservedContainer,
  canonicalName: string,
  service: DesiredService,
): readonly Difference[] {
  const difference = (path: string, wanted: string, found: string): Difference => ({
    object: `container ${canonicalName}`,
    service: service.name,
    kind: 'changed',
    path,
    wanted,
    found,
    drift: true,
  });
  const found: Difference[] = [];
  if (container.name !== canonicalName) found.push(difference('name', canonicalName, container.name));
  if (isStoppedByHand(container, service)) found.push(difference('state', 'running', container.state));
  for (const network of missingNetworks(container, service)) {
    found.push(difference(`networks.${network}`, 'connected', 'disconnected'));
  }
  const policy = container.details?.restartPolicy;
  if (policy !== undefined && !isSamePolicy(policy, service.spec.restart)) {
    found.push(difference('restart', formatPolicy(service.spec.restart), formatPolicy(policy)));
  }
  return found;
}

/** A container that never started is unfinished work of ours, and an ended job is as it should be. */
function isStoppedByHand(container: ObservedContainer, service: DesiredService): boolean {
  if (container.state === 'paused' || container.state === 'dead') return true;
  return container.state === 'exited' && !service.isJob;
}

export function missingNetworks(container: ObservedContainer, service: DesiredService): readonly string[] {
  const connected = new Set(container.networks.map((attachment) => attachment.network));
  return service.spec.networks.map(({ network }) => network).filter((network) => !connected.has(network));
}

/** The engine keeps both spellings of "no": the empty one and the word. */
export function isSamePolicy(
  found: { readonly name: string; readonly maxRetries: number },
  wanted: RestartPolicy,
): boolean {
  if ((found.name || 'no') !== (wanted.name || 'no')) return false;
  return wanted.name !== 'on-failure' || found.maxRetries === wanted.maxRetries;
}

function formatPolicy(policy: { readonly name: string; readonly maxRetries: number }): string {
  return policy.name === 'on-failure' && policy.maxRetries > 0
    ? `on-failure:${policy.maxRetries}`
    : policy.name || 'no';
}
