import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Text by path; null removes the file. */
export type StateFiles = Readonly<Record<string, string | null>>;

/** A bare repository and a clone of it to commit from, in a temporary directory. */
export type StateRepo = {
  /** The bare repository. */
  readonly directory: string;
  /** The folder to serve over HTTP; the repository is `/state.git` in it. */
  readonly root: string;
  /** The clone that commits are made in. */
  readonly workTree: string;
  /** Commits and pushes to `main`, and gives the commit hash. */
  commit(files: StateFiles, message?: string): Promise<string>;
  /** Replaces the last commit by another one and pushes with force. */
  rewrite(files: StateFiles, message?: string): Promise<string>;
  /** Runs git in the clone and gives what it prints, trimmed. */
  git(...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
};

/** Empty until the first commit. Nothing of the user's Git settings plays a part. */
export async function createStateRepo(): Promise<StateRepo> {
  const root = await mkdtemp(join(tmpdir(), 'shorefast-state-'));
  const directory = join(root, 'state.git');
  const workTree = join(root, 'work');
  const git = (cwd: string, args: readonly string[]) => runGit(root, cwd, args);
  await git(root, ['init', '-q', '--bare', '-b', 'main', directory]);
  // A commit can be fetched by its hash, as the large hosting services allow.
  await git(directory, ['config', 'uploadpack.allowAnySHA1InWant', 'true']);
  await git(root, ['clone', '-q', directory, workTree]);
  await git(workTree, ['checkout', '-q', '-B', 'main']);

  async function record(files: StateFiles, commitArgs: readonly string[], pushArgs: readonly string[]) {
    await writeFiles(workTree, files);
    await git(workTree, ['add', '-A']);
    await git(workTree, ['commit', '-q', '--allow-empty', ...commitArgs]);
    await git(workTree, ['push', '-q', ...pushArgs, 'origin', 'HEAD:refs/heads/main']);
    return git(workTree, ['rev-parse', 'HEAD']);
  }

  return {
    directory,
    root,
    workTree,
    commit: (files, message = 'Change the state') => record(files, ['-m', message], []),
    rewrite: (files, message = 'Change history') => record(files, ['--amend', '-m', message], ['--force']),
    git: (...args) => git(workTree, args),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** Variables that keep git from reading any settings but the repository's own, and from asking for a password. */
export function isolatedGitEnvironment(home: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    XDG_CONFIG_HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Shorefast',
    GIT_AUTHOR_EMAIL: 'shorefast@example.com',
    GIT_COMMITTER_NAME: 'Shorefast',
    GIT_COMMITTER_EMAIL: 'shorefast@example.com',
  };
}

async function runGit(home: string, cwd: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute('git', args, {
    cwd,
    env: isolatedGitEnvironment(home),
    timeout: 60_000,
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout.trim();
}

async function writeFiles(directory: string, files: StateFiles): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, path);
    if (text === null) {
      await rm(file, { force: true, recursive: true });
    } else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }
}
