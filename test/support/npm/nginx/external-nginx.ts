import { createConfigFiles, type Nginx, NginxRefusal, type RenderOptions, recordedOptions } from './nginx.ts';

/** How a real nginx is reached, wherever it runs: here, or in a container. */
export type NginxCommands = {
  /**
   * Brings files to nginx, by the path that it sees; undefined: the file goes. Where files cannot be removed, an
   * empty one does as well.
   */
  apply(changes: ReadonlyMap<string, string | undefined>): Promise<void>;
  /** `nginx -t`. */
  test(): Promise<{ readonly isValid: boolean; readonly stderr: string }>;
  /** `nginx -s reload`, or SIGHUP. What NPM does not notice, this need not notice either. */
  reload(): Promise<void>;
};

/** A real nginx behind the double. `options` says where it sees NPM's files, and which ports it listens on. */
export function createExternalNginx(commands: NginxCommands, options: Partial<RenderOptions> = {}): Nginx {
  const files = createConfigFiles();
  let known = new Map<string, string>();
  let bringing = Promise.resolve();

  /** One after the other, so that an older file never overtakes a newer one. */
  async function bring(): Promise<void> {
    const current = bringing.then(async () => {
      const wanted = new Map(files.entries());
      const changes = new Map<string, string | undefined>();
      for (const [path, text] of wanted) if (known.get(path) !== text) changes.set(path, text);
      for (const path of known.keys()) if (!wanted.has(path)) changes.set(path, undefined);
      if (changes.size > 0) await commands.apply(changes);
      known = wanted;
    });
    bringing = current.catch(() => undefined);
    await current;
  }

  return {
    files,
    options: { ...recordedOptions, ...options },
    async test() {
      await bring();
      const { isValid, stderr } = await commands.test();
      if (!isValid) throw new NginxRefusal(stderr);
    },
    async reload() {
      await bring();
      await commands.reload();
    },
  };
}
