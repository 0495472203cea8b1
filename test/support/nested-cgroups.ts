import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';

/**
 * Inside a container with cgroup v2, our own processes sit in the group below which the engine must make its
 * groups, and the kernel refuses controllers there ("no internal processes"). So they move one group down,
 * as Docker-in-Docker images do. Elsewhere there is nothing to do: only a nested root has `cgroup.type`.
 */
export function prepareNestedCgroups(): void {
  if (!existsSync(join(root, 'cgroup.controllers')) || !existsSync(join(root, 'cgroup.type'))) return;
  try {
    mkdirSync(join(root, 'init'), { recursive: true });
    for (const pid of readWords('cgroup.procs')) moveProcess(pid);
    const controllers = readWords('cgroup.controllers').map((name) => `+${name}`);
    writeFileSync(join(root, 'cgroup.subtree_control'), controllers.join(' '));
  } catch {
    // Not allowed to: the engine says itself whether it can do without.
  }
}

function moveProcess(pid: string): void {
  try {
    writeFileSync(join(root, 'init', 'cgroup.procs'), pid);
  } catch {
    // It ended meanwhile.
  }
}

function readWords(file: string): string[] {
  return readFileSync(join(root, file), 'utf8').split(/\s+/).filter(Boolean);
}
