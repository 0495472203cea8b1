import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** One fetched commit on disk: a bare Git directory of its own. */
type Generation = { readonly directory: string; readonly sequence: number; readonly commit: string };

/**
 * Where fetched commits of one URL and ref are kept. A commit is fetched into a directory aside and appears under
 * its final name by one rename, so whatever has a final name is whole; the highest number is the newest.
 */
export type PackStore = {
  list(): Promise<readonly Generation[]>;
  createIncoming(): Promise<string>;
  publish(incoming: string, commit: string): Promise<Generation>;
  /** Removes all but the two newest (someone may still be reading the last but one) and what crashed fetches left. */
  sweep(): Promise<void>;
  /** Removes all of it. */
  clear(): Promise<void>;
};

const kept = 2;

export function createPackStore(options: {
  dataDirectory: string;
  url: string;
  refName: string;
  /** No fetch lasts longer, so what is older was left by a process that died. */
  incomingMaxAgeMs: number;
}): PackStore {
  const key = createHash('sha256').update(`${options.url}\n${options.refName}`).digest('hex').slice(0, 16);
  const root = join(options.dataDirectory, 'git', key);

  async function list(): Promise<readonly Generation[]> {
    const names = await readdir(root).catch(() => []);
    const generations = names.flatMap((name) => {
      const match = /^(\d{8})-([0-9a-f]{40})$/.exec(name);
      if (match?.[1] === undefined || match[2] === undefined) return [];
      return [{ directory: join(root, name), sequence: Number(match[1]), commit: match[2] }];
    });
    return generations.sort((a, b) => b.sequence - a.sequence);
  }

  async function listLeftOvers(): Promise<readonly string[]> {
    const left: string[] = [];
    for (const name of await readdir(root).catch(() => [])) {
      if (!name.startsWith('incoming-')) continue;
      const path = join(root, name);
      const touchedMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
      if (Date.now() - touchedMs > options.incomingMaxAgeMs) left.push(path);
    }
    return left;
  }

  return {
    list,
    async createIncoming() {
      await mkdir(root, { recursive: true });
      return mkdtemp(join(root, 'incoming-'));
    },
    async publish(incoming, commit) {
      const sequence = ((await list())[0]?.sequence ?? 0) + 1;
      const directory = join(root, `${String(sequence).padStart(8, '0')}-${commit}`);
      await rename(incoming, directory);
      return { directory, sequence, commit };
    },
    async sweep() {
      const outdated = (await list()).slice(kept).map(({ directory }) => directory);
      for (const path of [...outdated, ...(await listLeftOvers())]) {
        await rm(path, { recursive: true, force: true });
      }
    },
    clear: () => rm(root, { recursive: true, force: true }),
  };
}
