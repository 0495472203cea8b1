import { existsSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * The beginning of the id of the container that this process runs in, as far as the host name tells (the
 * engine's default); undefined outside a container.
 */
export function findSelfContainerId(): string | undefined {
  const name = hostname();
  return existsSync('/.dockerenv') && /^[0-9a-f]{12}$/.test(name) ? name : undefined;
}
