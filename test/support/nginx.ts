// A real nginx in a container of the engine, set up as Nginx Proxy Manager sets up its own: in a container,
// because only there does Docker's DNS answer.
import { readFile } from 'node:fs/promises';
import { ensureFiles, ensurePrograms, findProgram } from './debian-packages.ts';
import { askEngine, requestEngine } from './engine-request.ts';
import { loadImage, removeImages, testLabel } from './images.ts';
import { listLibraries } from './list-libraries.ts';
import { formatHost, listProxyManagerFiles, type ProxyHost, toHostFile } from './nginx-config.ts';
import { dataDirectories } from './npm/nginx/main-config.ts';
import { createTar, type TarEntry } from './tar.ts';
import { eventually } from './test-daemon.ts';

const image = 'shorefast-test/nginx:1';

/** Its image has it, at this path. */
export const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so';

export type Nginx = AsyncDisposable & {
  readonly containerName: string;
  /** `http://127.0.0.1:<port>`: it tells routes apart by the `Host` of a request. */
  readonly url: string;
  /** Writes files below its root, those of routes for instance. They count from the next `reload` on. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  reload(): Promise<void>;
  /** `nginx -t`, in the container. */
  test(): Promise<{ readonly isValid: boolean; readonly stderr: string }>;
  /** What it complained of so far, a line each. */
  errors(): Promise<readonly string[]>;
};

export type NginxOptions = {
  /** Made when it is missing, and removed in the end. */
  readonly network: string;
  readonly hosts?: readonly ProxyHost[];
  readonly dnsValidSeconds?: number;
  /** By path below the root, in place of those that Nginx Proxy Manager brings. */
  readonly files?: Readonly<Record<string, string>>;
};

/** Returns once it answers. */
export async function startNginx(engineHost: string, options: NginxOptions): Promise<Nginx> {
  const { network, hosts = [], dnsValidSeconds } = options;
  const containerName = `${network}-nginx`;
  const path = `/containers/${containerName}`;
  await loadNginxImage(engineHost);
  await createNetwork(engineHost, network);
  await askEngine(engineHost, 'POST', `/containers/create?name=${containerName}`, {
    Image: image,
    Labels: { [testLabel]: network },
    ExposedPorts: { '80/tcp': {} },
    HostConfig: { NetworkMode: network, PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } },
  });

  const nginx: Omit<Nginx, 'url'> = {
    containerName,
    async write(files) {
      const tar = createTar(Object.entries(files).map(([file, content]) => ({ path: file, content })));
      const { status, body } = await requestEngine(engineHost, 'PUT', `${path}/archive?path=/`, { tar });
      if (status !== 200) throw new Error(`nginx was not given its files: ${status} ${body}`);
    },
    reload: async () => void (await askEngine(engineHost, 'POST', `${path}/kill?signal=HUP`)),
    test: () => testConfig(engineHost, containerName),
    async errors() {
      const { body } = await requestEngine(engineHost, 'GET', `${path}/logs?stderr=1`);
      // The engine puts bytes of its own before each; nginx begins with the time or its name.
      return body.match(/(\d{4}\/\d\d\/\d\d|nginx:) .*/g) ?? [];
    },
    async [Symbol.asyncDispose]() {
      await requestEngine(engineHost, 'DELETE', `${path}?force=1&v=1`);
      await requestEngine(engineHost, 'DELETE', `/networks/${network}`);
      await removeImages(engineHost, [image]);
    },
  };
  try {
    await nginx.write(options.files ?? listProxyManagerFiles(dnsValidSeconds));
    await nginx.write(Object.fromEntries(hosts.map((host) => [toHostFile(host), formatHost(host)])));
    await askEngine(engineHost, 'POST', `${path}/start`);
    const url = `http://127.0.0.1:${await findPort(engineHost, containerName)}`;
    await eventually(
      async () => (await fetch(url)).ok,
      10_000,
      () => 'nginx does not answer',
    );
    return { ...nginx, url };
  } catch (cause) {
    const told = await nginx.errors();
    await nginx[Symbol.asyncDispose]();
    throw new Error(`nginx did not start: ${told.join('\n')}`, { cause });
  }
}

async function loadNginxImage(engineHost: string): Promise<void> {
  await ensurePrograms({ nginx: 'nginx' });
  await ensureFiles({ [streamModule]: 'libnginx-mod-stream' });
  const program = findProgram('nginx') ?? '/usr/sbin/nginx';
  const copied = await Promise.all(
    [program, streamModule, ...(await listLibraries(program))].map(copyProgram),
  );
  const directories = [
    'run',
    'var/lib/nginx',
    'var/log/nginx',
    'data/nginx',
    ...dataDirectories.map((name) => `data/${name}`),
  ];
  await loadImage(engineHost, {
    names: [image],
    entries: [
      ...directories.map((path) => ({ path, directory: true as const })),
      { path: 'etc/passwd', content: 'root:x:0:0::/:/bin/sh\nnpm:x:1000:1000::/tmp:/bin/false\n' },
      { path: 'etc/group', content: 'root:x:0:\nnpm:x:1000:\n' },
      ...copied,
    ],
    config: { Entrypoint: [program], Env: ['PATH=/bin:/usr/sbin'], StopSignal: 'SIGQUIT' },
  });
}

async function copyProgram(path: string): Promise<TarEntry> {
  return { path: path.replace(/^\//, ''), mode: 0o755, content: await readFile(path) };
}

async function createNetwork(engineHost: string, name: string): Promise<void> {
  const { status } = await requestEngine(engineHost, 'GET', `/networks/${name}`);
  if (status !== 404) return;
  await askEngine(engineHost, 'POST', '/networks/create', { Name: name, Labels: { [testLabel]: name } });
}

async function findPort(engineHost: string, name: string): Promise<string> {
  const { NetworkSettings } = await askEngine<{
    NetworkSettings: { Ports: Record<string, readonly { HostPort: string }[] | null> };
  }>(engineHost, 'GET', `/containers/${name}/json`);
  const port = NetworkSettings.Ports['80/tcp']?.[0]?.HostPort;
  if (port === undefined) throw new Error(`${name} has no port on this machine`);
  return port;
}

async function testConfig(
  engineHost: string,
  container: string,
): Promise<{ isValid: boolean; stderr: string }> {
  // With a log of its own it tells stderr no time.
  const Cmd = ['nginx', '-e', '/data/logs/test.log', '-t', '-q'];
  const { Id } = await askEngine<{ Id: string }>(engineHost, 'POST', `/containers/${container}/exec`, {
    Cmd,
    AttachStdout: true,
    AttachStderr: true,
    // Else the engine frames what it says.
    Tty: true,
  });
  const { body } = await requestEngine(engineHost, 'POST', `/exec/${Id}/start`, {
    json: { Detach: false, Tty: true },
  });
  const { ExitCode } = await askEngine<{ ExitCode: number | null }>(engineHost, 'GET', `/exec/${Id}/json`);
  return { isValid: ExitCode === 0, stderr: body.replaceAll('\r', '') };
}
