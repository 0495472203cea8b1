import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ensurePrograms, findProgram } from './debian-packages.ts';
import { askEngine, requestEngine } from './engine-request.ts';
import { createTar, type TarEntry } from './tar.ts';

/** Everything that tests put on an engine carries it, so that clean-up takes nothing else. */
export const testLabel = 'shorefast-test';
export const testImages = { web1: 'shorefast-test/web:1', web2: 'shorefast-test/web:2' } as const;

export type ImageToBuild = {
  readonly names: readonly string[];
  /** Beside the shell and its programs, which every image has. */
  readonly entries: readonly TarEntry[];
  readonly config: Readonly<Record<string, unknown>>;
};

/** `shorefast-test/web:1` and `:2`: a web server on 8080 that tells its version, a shell, and 3 MB in all. */
export async function loadTestImages(host: string): Promise<void> {
  for (const version of ['1', '2']) await loadWebImage(host, `shorefast-test/web:${version}`, version);
}

/** A web image under another name or with another content; `version` is what it answers. */
async function loadWebImage(host: string, name: string, version: string): Promise<void> {
  await loadImage(host, {
    names: [name],
    entries: [{ path: 'www/index.html', content: `web ${version}\n` }],
    config: {
      // As process 1 it must catch SIGTERM itself, or every stop takes the whole grace time.
      Cmd: ['sh', '-c', "trap 'exit 0' TERM; httpd -f -p 8080 -h /www & wait"],
      Env: ['PATH=/bin', `WEB_VERSION=${version}`],
      ExposedPorts: { '8080/tcp': {} },
    },
  });
}

/** Its only program is one for another processor, so that a kernel refuses it. */
export async function loadForeignImage(host: string, name: string): Promise<void> {
  // The header of an ELF executable for a machine that there is none of (e_machine = 0xfeed), and no code.
  const program = Buffer.alloc(64);
  program.write('\x7fELF\x02\x01\x01', 'latin1');
  program.writeUInt16LE(2, 16);
  program.writeUInt16LE(0xfeed, 18);
  await loadImage(host, {
    names: [name],
    entries: [{ path: 'bin/foreign', mode: 0o755, content: program }],
    config: { Cmd: ['/bin/foreign'] },
  });
}

export type StandInOptions = {
  /** Ports on which every stand-in answers. */
  readonly ports?: readonly number[];
  /** Paths that answer 200 beside `/`: those of the health checks. */
  readonly paths?: readonly string[];
  /** Programs that a health check runs; those that BusyBox does not have succeed and do nothing. */
  readonly programs?: readonly string[];
};

/**
 * Loads one small image under all the names, for where the real ones cannot be pulled. It answers HTTP on its
 * ports whatever command it is given, because the command of the real image means nothing here.
 */
export async function loadStandIns(
  host: string,
  names: readonly string[],
  options: StandInOptions = {},
): Promise<void> {
  const ports = options.ports ?? [80, 3000, 8000, 8080];
  const files = ['/index.html', ...(options.paths ?? [])].map((path) => path.replace(/^\//, ''));
  const servers = ports.map((port) => `httpd -f -p ${port} -h /www &`).join('\n');
  await loadImage(host, {
    names,
    entries: [
      { path: 'stand-in', mode: 0o755, content: `#!/bin/sh\ntrap 'exit 0' TERM\n${servers}\nwait\n` },
      ...files.map((path) => ({ path: `www/${path}`, content: '{"stand-in":true}\n' })),
      ...(options.programs ?? [])
        .filter((program) => !applets.includes(program))
        .map((program) => ({ path: `bin/${program}`, mode: 0o755, content: '#!/bin/sh\nexit 0\n' })),
    ],
    config: { Entrypoint: ['/stand-in'], Env: ['PATH=/bin'] },
  });
}

/** Removes the images again; those in use or already gone are passed over. */
export async function removeImages(host: string, names: readonly string[]): Promise<void> {
  for (const name of names) await requestEngine(host, 'DELETE', `/images/${name}`);
}

/** The id of a local image, or undefined. */
export async function findImageId(host: string, name: string): Promise<string | undefined> {
  const { status, body } = await requestEngine(host, 'GET', `/images/${name}/json`);
  return status === 200 ? (JSON.parse(body) as { Id: string }).Id : undefined;
}

/** Puts an image of one layer on an engine, without any registry. */
export async function loadImage(host: string, image: ImageToBuild): Promise<void> {
  const layer = createTar([...(await busyboxEntries()), ...image.entries]);
  const config = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { ...image.config, Labels: { [testLabel]: 'true' } },
    rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] },
  });
  const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: image.names, Layers: ['layer.tar'] }]);
  const tar = createTar([
    { path: 'manifest.json', content: manifest },
    { path: 'config.json', content: config },
    { path: 'layer.tar', content: layer },
  ]);
  const { status, body } = await requestEngine(host, 'POST', '/images/load?quiet=1', { tar });
  if (status !== 200 || body.includes('errorDetail')) {
    throw new Error(`the engine did not take ${image.names[0]}: ${status} ${body}`);
  }
  await askEngine(host, 'GET', `/images/${image.names[0]}/json`);
}

const applets = [
  'sh',
  'httpd',
  'wget',
  'sleep',
  'cat',
  'echo',
  'ls',
  'kill',
  'nslookup',
  'true',
  'false',
].concat(['touch', 'rm', 'id', 'env', 'nc', 'test', 'grep', 'hostname', 'head', 'mkdir', 'date', 'ps']);

async function busyboxEntries(): Promise<TarEntry[]> {
  await ensurePrograms({ busybox: 'busybox-static' });
  const busybox = await readFile(findProgram('busybox') ?? '/bin/busybox');
  const directories = ['bin', 'tmp', 'data', 'etc', 'www'].map((path) => ({
    path,
    directory: true as const,
  }));
  const links = applets.map((applet) => ({ path: `bin/${applet}`, linkTo: 'busybox' }));
  return [...directories, { path: 'bin/busybox', mode: 0o755, content: busybox }, ...links];
}
