import { type Nginx as ContainerNginx, type NginxOptions, startNginx, streamModule } from '../../nginx.ts';
import { createExternalNginx } from './external-nginx.ts';
import { listMainFiles } from './main-config.ts';
import { type Nginx, type RenderOptions, recordedOptions } from './nginx.ts';

/** A real nginx where Nginx Proxy Manager has its own: in a container, where Docker's DNS answers. */
export type ProxyContainer = AsyncDisposable & {
  /** For `startNpm({ nginx })`. */
  readonly nginx: Nginx;
  readonly container: ContainerNginx;
  /** `http://127.0.0.1:<port>`: where requests go in. */
  readonly url: string;
};

/** Returns once it answers. */
export async function startContainerNginx(
  engineHost: string,
  { network }: Pick<NginxOptions, 'network'>,
): Promise<ProxyContainer> {
  // Debian's nginx is older than `http2 on`.
  const options: RenderOptions = { ...recordedOptions, ipv6: false, http2: 'listen' };
  const main = listMainFiles({
    ...options,
    resolver: '127.0.0.11 valid=10s',
    pidPath: '/run/nginx.pid',
    temporaryPath: '/run',
    streamModule,
    user: 'npm',
  });
  const files = Object.fromEntries(Object.entries(main).map(([path, text]) => [`etc/nginx/${path}`, text]));
  const container = await startNginx(engineHost, { network, files });
  const commands = {
    // An archive removes nothing; an empty file says as little as none.
    apply: (changes: ReadonlyMap<string, string | undefined>) =>
      container.write(Object.fromEntries([...changes].map(([path, text]) => [path.slice(1), text ?? '']))),
    test: container.test,
    reload: container.reload,
  };
  return {
    nginx: createExternalNginx(commands, options),
    container,
    url: container.url,
    [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
  };
}
