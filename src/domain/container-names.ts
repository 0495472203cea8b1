// The canonical name is the commit marker of a replacement: whoever holds it is the live container.
import { nameLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';

/** The name under which a new generation is prepared while another container is live. */
export function candidateName(canonicalName: string, generation: string): string {
  return `${canonicalName}--${generation.slice(0, 8)}`;
}

/** The name of a container that has been replaced and waits to be removed. */
export function retiredName(canonicalName: string, container: ObservedContainer): string {
  return `${canonicalName}--old-${container.id.slice(0, 8)}`;
}

/** Whether a container was given up for a successor: its own id is in the name, so that no copy bears it. */
export function isRetiredName({ name, id }: ObservedContainer): boolean {
  return name.endsWith(`--old-${id.slice(0, 8)}`);
}

/**
 * Whether a container bears a name that we gave it. Only such a container is ever stopped for good or
 * removed: labels get copied (docker commit, tools that clone containers), names are unique.
 */
export function hasGivenName(container: ObservedContainer): boolean {
  const canonicalName = container.labels[nameLabel];
  if (canonicalName === undefined) return false;
  return container.name === canonicalName || container.name.startsWith(`${canonicalName}--`);
}
