// The program's own image, built on an engine that may reach no registry at all.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ensurePrograms, findProgram } from './debian-packages.ts';
import { requestEngine } from './engine-request.ts';
import { listLibraries } from './list-libraries.ts';

const execute = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const buildTimeoutMs = 240_000;
const maxContextBytes = 512 * 1024 * 1024;

/** What stands in for `node:24-slim`: the Node that runs this, the libraries it asks for, and a shell. */
export async function buildNodeImage(host: string, name: string): Promise<void> {
  await ensurePrograms({ busybox: 'busybox-static' });
  const directory = await mkdtemp(join(tmpdir(), 'shorefast-node-'));
  try {
    const place = async (source: string, path: string): Promise<void> => {
      await mkdir(join(directory, 'rootfs', dirname(path)), { recursive: true });
      await copyFile(source, join(directory, 'rootfs', path));
    };
    for (const path of await listLibraries(process.execPath)) await place(path, path);
    await place(process.execPath, '/bin/node');
    await place(findProgram('busybox') ?? '', '/bin/busybox');
    for (const applet of ['sh', 'mkdir', 'id']) {
      await symlink('busybox', join(directory, 'rootfs/bin', applet));
    }
    await writeFile(join(directory, 'Dockerfile'), 'FROM scratch\nCOPY rootfs /\nENV PATH=/bin\n');
    await buildImage(host, name, { context: await pack(directory, ['.']) });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Our Dockerfile as it is. The packages come in the context, because an npm registry may be out of reach there. */
export async function buildProgramImage(host: string, name: string, nodeImage: string): Promise<void> {
  const files = ['Dockerfile', '.npmrc', 'package.json', 'package-lock.json', 'LICENSE'];
  const context = await pack(root, [...files, 'deploy', 'src', 'schemas', ...(await listPackages())]);
  const args = { NODE_IMAGE: nodeImage, RUNTIME_IMAGE: nodeImage, INSTALL: 'true', BUILD_REVISION: 'test' };
  // The first stage under a name of its own, so that it can be removed again.
  await buildImage(host, `${name}-build`, { context, args, target: 'build' });
  await buildImage(host, name, { context, args });
}

/** The directories of what is shipped, and of what the build itself runs. */
async function listPackages(): Promise<readonly string[]> {
  const lock = JSON.parse(await readFile(join(root, 'node_modules/.package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  const wanted = Object.entries(lock.packages)
    .filter(([path, { dev }]) => dev !== true || /^node_modules\/(esbuild|@esbuild\/.*)$/.test(path))
    .map(([path]) => path);
  // tar takes a file that is named twice for a link to itself.
  return wanted.filter((path) => !wanted.some((other) => path.startsWith(`${other}/`)));
}

async function pack(directory: string, paths: readonly string[]): Promise<Buffer> {
  const { stdout } = await execute('tar', ['-C', directory, '-c', ...paths], {
    encoding: 'buffer',
    maxBuffer: maxContextBytes,
  });
  return stdout;
}

async function buildImage(
  host: string,
  name: string,
  { context, args = {}, target = '' }: { context: Buffer; args?: Record<string, string>; target?: string },
): Promise<void> {
  const query = new URLSearchParams({
    t: name,
    target,
    buildargs: JSON.stringify(args),
    networkmode: 'none',
    forcerm: '1',
  });
  const { status, body } = await requestEngine(host, 'POST', `/build?${query}`, {
    tar: context,
    timeoutMs: buildTimeoutMs,
  });
  // A failed build is a success to HTTP; the last lines say what failed.
  if (status !== 200 || body.includes('"errorDetail"')) {
    throw new Error(`${name} was not built: ${status} ${body.slice(-2000)}`);
  }
}
