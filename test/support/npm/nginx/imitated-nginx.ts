import { setImmediate as otherWork, setTimeout as sleep } from 'node:timers/promises';
import { checkConfig, resolvesByDefault } from './check-config.ts';
import { createConfigFiles, type Nginx, type RenderOptions, recordedOptions } from './nginx.ts';
import { parseConfig } from './parse-config.ts';

/** nginx without nginx: it reads the files, complains as nginx does, and tells what it would serve. */
export type ImitatedNginx = Nginx & {
  /** The files as they were at the last reload that worked: what traffic meets. */
  running(): ReadonlyMap<string, string>;
  /** TCP ports that other programs hold: a reload with a stream on one of them changes nothing, silently. */
  readonly heldPorts: Set<number>;
  /** A file that nobody wrote over the API: with nonsense in it, every write fails. Undefined takes it away. */
  setCustomInclude(text: string | undefined): void;
};

export function createImitatedNginx(
  settings: {
    resolves?: (name: string) => boolean;
    listenAddress?: string;
    options?: Partial<RenderOptions>;
    /** How long a test takes: while one runs, other requests go on. */
    testMs?: number;
    onReload?: () => void;
  } = {},
): ImitatedNginx {
  const files = createConfigFiles();
  const options = { ...recordedOptions, ...settings.options };
  const heldPorts = new Set([81, 3000]);
  const customPath = `${options.dataPath}/nginx/custom/http.conf`;
  let running: ReadonlyMap<string, string> = new Map();

  return {
    files,
    options,
    heldPorts,
    running: () => running,
    async test() {
      await (settings.testMs === undefined ? otherWork() : sleep(settings.testMs));
      checkConfig({
        files: files.entries(),
        listenAddress: settings.listenAddress ?? '0.0.0.0:80',
        resolves: settings.resolves ?? resolvesByDefault,
      });
    },
    async reload() {
      await otherWork();
      const taken = new Set([...heldPorts, options.httpPort, options.httpsPort]);
      if (!streamPorts(files.entries()).some((port) => taken.has(port))) running = new Map(files.entries());
      settings.onReload?.();
    },
    setCustomInclude(text) {
      if (text === undefined) files.delete(customPath);
      else files.set(customPath, text);
    },
  };
}

function streamPorts(files: ReadonlyMap<string, string>): number[] {
  return [...files]
    .filter(([path]) => path.includes('/nginx/stream/'))
    .flatMap(([, text]) => parseConfig(text))
    .flatMap((server) => server.block ?? [])
    .filter(({ name, args }) => name === 'listen' && !args.includes('udp'))
    .map(({ args }) => Number(args[0]));
}
