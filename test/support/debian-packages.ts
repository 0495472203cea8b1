import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const installTimeoutMs = 600_000;

/** Where Debian keeps daemons; an ordinary user's PATH does not name them. */
const searchPath = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The absolute path of an installed program, or undefined. */
export function findProgram(name: string): string | undefined {
  for (const directory of searchPath) {
    const path = join(directory, name);
    if (directory !== '' && isExecutable(path)) return path;
  }
  return undefined;
}

/**
 * Makes sure that every program is there, installing the Debian package that has it where it is not.
 * @throws with a sentence that says what is missing and how to get it
 */
export async function ensurePrograms(packageByProgram: Readonly<Record<string, string>>): Promise<void> {
  const missing = Object.keys(packageByProgram).filter((program) => findProgram(program) === undefined);
  if (missing.length > 0) await installMissing(missing, packageByProgram);
}

/** The same for files that are no programs, by their absolute paths. */
export async function ensureFiles(packageByFile: Readonly<Record<string, string>>): Promise<void> {
  const missing = Object.keys(packageByFile).filter((file) => !existsSync(file));
  if (missing.length > 0) await installMissing(missing, packageByFile);
}

async function installMissing(
  missing: readonly string[],
  packageByName: Readonly<Record<string, string>>,
): Promise<void> {
  const packages = [...new Set(missing.map((name) => packageByName[name] ?? name))];
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined) {
    throw new Error(
      `${missing.join(', ')} not found. Install ${packages.join(' ')} ` +
        '(tests install it themselves only as root on Debian or Ubuntu).',
    );
  }
  await installPackages(packages);
}

async function installPackages(packages: readonly string[]): Promise<void> {
  try {
    await aptGet(['install', '--yes', '--no-install-recommends', ...packages]);
  } catch {
    // A fresh machine has no package lists, or old ones that name files that are gone.
    await aptGet(['update']);
    await aptGet(['install', '--yes', '--no-install-recommends', ...packages]);
  }
}

async function aptGet(args: readonly string[]): Promise<void> {
  // One after the other: for the lock of the lists, apt itself does not wait.
  const lock = join(tmpdir(), 'shorefast-apt.lock');
  await run('flock', ['--wait', '300', lock, 'apt-get', '-o', 'DPkg::Lock::Timeout=120', '-qq', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: installTimeoutMs,
    maxBuffer: 16 * 1024 * 1024,
  });
}

function isExecutable(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
