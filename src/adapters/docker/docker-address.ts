import { EngineError } from '#ports/engine.ts';

/** Certificates in PEM form, as text. */
export type DockerTls = { readonly ca: string; readonly cert: string; readonly key: string };

/** Where an engine listens, in the words of the client library. */
export type DockerAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number; readonly protocol: 'http' | 'https' };

const defaultHost = 'unix:///var/run/docker.sock';

/** Understands `unix:///…`, `tcp://…` and `http(s)://…`. @throws EngineError when it is none of them */
export function parseDockerHost(host: string = defaultHost, hasTls = false): DockerAddress {
  const socketPath = host.startsWith('unix://') ? host.slice('unix://'.length) : '';
  if (socketPath !== '') return { socketPath };
  const url = /^(tcp|https?):\/\//.test(host) && URL.canParse(host) ? new URL(host) : undefined;
  if (url === undefined || url.hostname === '') {
    throw new EngineError(
      'ENGINE_INVALID_REQUEST',
      `the engine's address must look like unix:///run/docker.sock or tcp://host:2376, not "${host}"`,
      { reaction: 'stall' },
    );
  }
  const isTls = hasTls || url.protocol === 'https:';
  return {
    // An IPv6 address is in brackets in a URL, and without in a connection.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || (isTls ? 2376 : 2375)),
    protocol: isTls ? 'https' : 'http',
  };
}
