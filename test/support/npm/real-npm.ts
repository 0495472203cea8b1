// An Nginx Proxy Manager of somebody's, named by SHOREFAST_TEST_NPM: what a test finds on it stays as it is.
import { loginTo, type NpmClient } from './npm-client.ts';

export type RealNpmSettings = {
  /** Of its admin page. */
  readonly url: string;
  readonly identity: string;
  readonly password: string;
  /** Docker network that it is in, on the engine of the tests. */
  readonly network: string;
  /** Its port 80, as this machine reaches it. */
  readonly probeUrl: string;
  /** Its port 443. */
  readonly probeTlsUrl: string;
  /** A port of it that nobody uses, for a stream. */
  readonly streamPort: number;
};

export type RealNpmRow = { readonly id: number } & Readonly<Record<string, unknown>>;
export type RealNpmRows = Readonly<Record<(typeof kinds)[number], readonly RealNpmRow[]>>;

export type RealNpm = RealNpmSettings & {
  readonly human: NpmClient;
  rows(): Promise<RealNpmRows>;
  /** How many changes it has ever noted, by anybody. */
  changes(): Promise<number>;
};

const kinds = [
  'proxy-hosts',
  'redirection-hosts',
  'dead-hosts',
  'streams',
  'access-lists',
  'certificates',
] as const;

/** `SHOREFAST_TEST_NPM`: the settings as JSON. Undefined without it. */
export function readRealNpmSettings(): RealNpmSettings | undefined {
  const text = process.env['SHOREFAST_TEST_NPM'];
  return text === undefined ? undefined : (JSON.parse(text) as RealNpmSettings);
}

export async function openRealNpm(settings: RealNpmSettings): Promise<RealNpm> {
  const { identity, password: secret } = settings;
  const human = await loginTo(settings, { identity, secret });
  const list = async (path: string) => (await human.must('GET', path)) as unknown as readonly RealNpmRow[];
  return {
    ...settings,
    human,
    async rows() {
      const lists: [string, readonly RealNpmRow[]][] = [];
      for (const kind of kinds) lists.push([kind, await list(`/nginx/${kind}`)]);
      return Object.fromEntries(lists) as unknown as RealNpmRows;
    },
    changes: async () => (await list('/audit-log')).length,
  };
}
