import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isolatedGitEnvironment, type StateRepo } from './state-repo.ts';

/** Puts one commit on `main` of the bare repository, from a `git fast-import` stream of its files. */
export async function importFiles(repo: StateRepo, files: Iterable<string | Buffer>): Promise<void> {
  const git = spawn('git', ['-c', 'core.compression=1', 'fast-import', '--quiet', '--force'], {
    cwd: repo.directory,
    env: isolatedGitEnvironment(repo.root),
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(git, 'exit');
  git.stdin.write('commit refs/heads/main\ncommitter T <t@example.com> 1700000000 +0000\ndata 1\nx\n');
  for (const part of files) {
    if (!git.stdin.write(part)) await once(git.stdin, 'drain');
  }
  git.stdin.end();
  const [code] = (await ended) as [number];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}

export function* manyFiles(count: number, contentBytes = 8): Generator<string> {
  for (let index = 0; index < count; index++) {
    const content = `${index}:`.padEnd(contentBytes, `${index} `);
    yield `M 100644 inline apps/app-${Math.floor(index / 100)}/file-${index}.yaml\ndata ${content.length}\n${content}\n`;
  }
}

export function* zeroFile(path: string, bytes: number): Generator<string | Buffer> {
  const block = Buffer.alloc(1024 * 1024);
  yield `M 100644 inline ${path}\ndata ${bytes}\n`;
  for (let left = bytes; left > 0; left -= block.byteLength) {
    yield block.subarray(0, Math.min(left, block.byteLength));
  }
  yield '\n';
}
