// A real nginx in a container of the engine, set up as Nginx Proxy Manager sets up its own: in a container,
// because only there does Docker's DNS answer.
import { readFile } from 'node:fs/promises';
import { ensurePrograms, findProgram } from './debian-packages.ts';
import { askEngine, requestEngine } from './engine-request.ts';
import { loadImage, removeImages, testLabel } from './images.ts';
import { listLibraries } from './list-libraries.ts';
import { formatHost, listProxyManagerFiles, type ProxyHost, toHostFile } from './nginx-config.ts';
import { createTar, type TarEntry } from './tar.ts';
import { eventually } from './test-daemon.ts';

const image = 'shorefast-test/nginx:1';

export type Nginx = AsyncDisposable & {
  readonly containerName: string;
  /** `http://127.0.0.1:<port>`: it tells routes apart by the `Host` of a request. */
  readonly url: string;
  /** Writes files below its root, those of routes for instance. They count from the next `reload` on. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  reload(): Promise<void>;
  /** What it complained of so far. */
  errors(): Promise<string>;
};

export type NginxOptions = {
  /** Made when it is missing, and removed in the end. */
  readonly network: string;
  readonly hosts?: readonly ProxyHost[];
  readonly dnsValidSeconds?: number;
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
    async errors() {
      return (await requestEngine(engineHost, 'GET', `${path}/logs?stderr=1`)).body;
    },
    async [Symbol.asyncDispose]() {
      await requestEngine(engineHost, 'DELETE', `${path}?force=1&v=1`);
      await requestEngine(engineHost, 'DELETE', `/networks/${network}`);
      await removeImages(engineHost, [image]);
    },
  };
  try {
    await nginx.write(listProxyManagerFiles(dnsValidSeconds));
    await nginx.write(Object.fromEntries(hosts.map((host) => [toHostFile(host), formatHost(host)])));
    await askEngine(engineHost, 'POST', `${path}/start`);
    const url = `http://127.0.0.1:${await findPort(engineHost, containerName)}`;
    await eventually(
      async () => (await fetch(url)).status > 0,
      10_000,
      () => 'nginx does not answer',
    );
    return { ...nginx, url };
  } catch (cause) {
    const told = await nginx.errors();
    await nginx[Symbol.asyncDispose]();
    throw new Error(`nginx did not start: ${told}`, { cause });
  }
}

async function loadNginxImage(engineHost: string): Promise<void> {
  await ensurePrograms({ nginx: 'nginx' });
  const program = findProgram('nginx') ?? '/usr/sbin/nginx';
  const copied = await Promise.all([program, ...(await listLibraries(program))].map(copyProgram));
  const directories = ['run', 'data/logs', 'data/nginx', 'data/nginx/proxy_host', 'var/lib/nginx'];
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
