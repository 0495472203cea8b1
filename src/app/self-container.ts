import { readFileSync } from 'node:fs';

/**
 * The id of the container that this process runs in; undefined outside one. The engine mounts files of its
 * own (/etc/hostname and others) from a directory named after the container.
 */
export function findSelfContainerId(): string | undefined {
  try {
    return /\/containers\/([0-9a-f]{64})\//.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
