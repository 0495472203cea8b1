import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { listReferences, type Reference } from './compose-references.ts';

const maxFileBytes = 1024 * 1024;
const maxFiles = 500;

export type Taking = {
  /** Of the project, absolute. */
  readonly root: string;
  readonly withEnv: boolean;
  readonly files: Map<string, Uint8Array>;
  readonly notes: string[];
};

/** Takes what is named, and what those files name in turn; what stays behind is told. Each is taken once. */
export async function takeFiles(references: readonly Reference[], taking: Taking): Promise<void> {
  const queue = [...references];
  for (let reference = queue.shift(); reference !== undefined; reference = queue.shift()) {
    const { path, what, base = '.' } = reference;
    if (taking.files.has(path)) continue;
    await take(reference, taking);
    const content = taking.files.get(path);
    if (what === 'compose' && content !== undefined) {
      queue.push(...listReferences(parseLeniently(new TextDecoder().decode(content)), base));
    }
  }
}

/** What is wrong with it is told when the result is checked. */
export function parseLeniently(text: string): unknown {
  try {
    return parse(text, { merge: true, logLevel: 'silent' });
  } catch {
    return undefined;
  }
}

async function take({ path, what }: Reference, taking: Taking): Promise<void> {
  const { root, withEnv, notes } = taking;
  if (what === 'build') {
    notes.push(`the build context ${path} was not copied: put what it needs into the app's directory`);
    return;
  }
  const found = isBelow(path) ? await lstat(join(root, path)).catch(() => undefined) : undefined;
  if (isBelow(path) && found === undefined) return;
  if (found === undefined || !(await isInside(root, path))) {
    notes.push(`${path} is not in the project's directory and was not copied`);
  } else if ((what === 'env' || what === 'secret') && !withEnv) {
    const advice = what === 'env' ? 'set its variables in app.yaml or fleet.yaml, or use' : 'use';
    notes.push(`${path} may hold secrets and was not copied: ${advice} --with-env`);
  } else if (what === 'file' && found.isDirectory()) await takeDirectory(path, taking);
  else await takeFile(path, taking);
}

function isBelow(path: string): boolean {
  return !/^([/~$]|\.\.(\/|$))/.test(path);
}

/** A directory on the way may be a symlink to anywhere. */
async function isInside(root: string, path: string): Promise<boolean> {
  const [outer, inner] = await Promise.all([realpath(root), realpath(join(root, path)).catch(() => '')]);
  return inner.startsWith(`${outer}/`);
}

async function takeFile(path: string, { root, files, notes }: Taking): Promise<void> {
  const found = await lstat(join(root, path));
  if (!found.isFile() || found.size > maxFileBytes || files.size >= maxFiles) {
    notes.push(`${path} was not copied: only ${maxFiles} files, of up to 1 MiB each, are`);
    return;
  }
  files.set(path, await readFile(join(root, path)));
}

async function takeDirectory(path: string, taking: Taking): Promise<void> {
  const entries = await readdir(join(taking.root, path), { withFileTypes: true });
  for (const entry of entries) {
    if (taking.files.size >= maxFiles) {
      taking.notes.push(`${path} was not copied in full: only ${maxFiles} files are`);
      return;
    }
    const below = join(path, entry.name);
    if (entry.isDirectory()) await takeDirectory(below, taking);
    else await takeFile(below, taking);
  }
}
