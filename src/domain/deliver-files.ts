// Where the engine takes files for a container that has not been started: everywhere in its root file system
// unless that is read-only, and in writable mounts; not below a tmpfs, which is empty at every start.
import type { ContainerSpec, Mount } from './container-spec.ts';
import type { FileBatch } from './delivered-file.ts';
import type { Cause, ContainerTarget, Step } from './plan.ts';

/** One step, or none when nothing is to be delivered. */
export function copyFiles(
  lane: string,
  target: ContainerTarget,
  spec: ContainerSpec,
  cause: Cause,
): readonly Step[] {
  const batches = toBatches(spec);
  return batches.length === 0 ? [] : [{ kind: 'copy-files', lane, target, batches, cause }];
}

function toBatches(spec: ContainerSpec): readonly FileBatch[] {
  const byPlace = Map.groupBy(spec.files ?? [], (file) => findMount(spec, file.target)?.target ?? '/');
  return [...byPlace]
    .map(([into, files]) => ({ into, files }))
    .toSorted((a, b) => (a.into < b.into ? -1 : 1));
}

/** The first file that cannot be put where it belongs, and what to do about it. */
export function findUndeliverable(
  spec: ContainerSpec,
): { readonly message: string; readonly unblock: string } | undefined {
  for (const { target } of spec.files ?? []) {
    const reason = explainRefusal(spec, target);
    if (reason === undefined) continue;
    return {
      message: `${target} cannot be put into the container: ${reason}`,
      unblock: `mount a writable volume at ${parentOf(target)}, or another place for the file`,
    };
  }
  return undefined;
}

function explainRefusal(spec: ContainerSpec, target: string): string | undefined {
  const mount = findMount(spec, target);
  if (mount === undefined) return spec.readOnly ? 'its root file system is read-only' : undefined;
  if (mount.kind === 'tmpfs') return `${mount.target} is a tmpfs, which is empty at every start`;
  if (mount.kind === 'image') return `${mount.target} is the content of another image`;
  return mount.readOnly ? `${mount.target} is mounted read-only` : undefined;
}

/** The innermost mount that a path lies in. */
function findMount(spec: ContainerSpec, path: string): Mount | undefined {
  return spec.mounts
    .filter(({ target }) => path.startsWith(target.endsWith('/') ? target : `${target}/`))
    .toSorted((a, b) => b.target.length - a.target.length)[0];
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
