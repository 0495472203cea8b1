import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const mostKept = 2;

/**
 * Moves a file that cannot be used out of the way, with its journal, so that somebody may still look into it.
 * Where it lies now. @throws what the file system throws
 */
export function setAside(path: string, reason: 'corrupt' | 'newer', atMs: number): string {
  const time = new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const aside = findFreeName(`${path}.${reason}-${time}`);
  renameSync(path, aside);
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${aside}-wal`);
  rmSync(`${path}-shm`, { force: true });
  removeOldest(path, reason);
  return aside;
}

function findFreeName(name: string): string {
  if (!existsSync(name)) return name;
  const numbered = Array.from({ length: 100 }, (_, at) => `${name}-${at + 2}`);
  return numbered.find((each) => !existsSync(each)) ?? name;
}

/** A disk that breaks file after file is not to be filled with them. */
function removeOldest(path: string, reason: string): void {
  const directory = dirname(path);
  const start = `${basename(path)}.${reason}-`;
  const kept = readdirSync(directory).filter((name) => name.startsWith(start) && !/-(wal|shm)$/.test(name));
  for (const name of kept.toSorted().slice(0, -mostKept)) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(directory, name + suffix), { force: true });
  }
}
