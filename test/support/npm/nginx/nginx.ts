/** The files that NPM writes for nginx, by the path that nginx sees: `/data/nginx/proxy_host/3.conf`. */
export type ConfigFiles = {
  get(path: string): string | undefined;
  set(path: string, text: string): void;
  delete(path: string): void;
  /** All of them. */
  entries(): ReadonlyMap<string, string>;
};

/** How the files are written, which depends on the nginx that reads them. */
export type RenderOptions = {
  /** Where nginx sees NPM's data: `/data`. */
  readonly dataPath: string;
  /** Where nginx sees certbot's files: `/etc/letsencrypt`. */
  readonly letsencryptPath: string;
  /** Where nginx finds the parts that NPM's image brings: `conf.d/include`. */
  readonly includePath: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly ipv6: boolean;
  /** `http2 on;` needs nginx 1.25.1; before, it is a word of `listen`. */
  readonly http2: 'directive' | 'listen';
  /** Streams say `reuseport` after 2.15.1. */
  readonly reusePort: boolean;
};

/** nginx as NPM uses it. */
export type Nginx = {
  readonly files: ConfigFiles;
  readonly options: RenderOptions;
  /** `nginx -t`. @throws NginxRefusal */
  test(): Promise<void>;
  /** `nginx -s reload`: tells nothing of what comes of it. */
  reload(): Promise<void>;
};

/** What `nginx -t` wrote to stderr when it failed. */
export class NginxRefusal extends Error {}

export const recordedOptions: RenderOptions = {
  dataPath: '/data',
  letsencryptPath: '/etc/letsencrypt',
  includePath: 'conf.d/include',
  httpPort: 80,
  httpsPort: 443,
  ipv6: true,
  http2: 'directive',
  reusePort: false,
};

export function createConfigFiles(): ConfigFiles {
  const files = new Map<string, string>();
  return {
    get: (path) => files.get(path),
    set: (path, text) => void files.set(path, text),
    delete: (path) => void files.delete(path),
    entries: () => files,
  };
}
