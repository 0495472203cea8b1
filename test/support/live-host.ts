// What an engine really holds, and what a human with a docker command would do to it: plain calls, none of
// our own adapter in between.
import { isOwnedBy } from '#domain/labels.ts';
import { askEngine, requestEngine } from './engine-request.ts';

type ContainerRow = {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
  readonly Labels: Record<string, string>;
};
export type LiveContainer = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly labels: Record<string, string>;
};

export type LiveHost = {
  readonly host: string;
  /** Everything of this owner, in name order. */
  containers(): Promise<readonly LiveContainer[]>;
  /** Ids by name, of this owner, without what is only kept to go back to. */
  ids(): Promise<Readonly<Record<string, string>>>;
  container(name: string): Promise<LiveContainer>;
  env(name: string): Promise<readonly string[]>;
  act(method: 'POST' | 'DELETE', path: string, json?: unknown): Promise<void>;
  networks(): Promise<readonly string[]>;
  volumes(): Promise<readonly string[]>;
  /** Removes what carries this owner's labels, volumes too. */
  clean(): Promise<void>;
};

export function openLiveHost(host: string, owner: string): LiveHost {
  async function containers(): Promise<readonly LiveContainer[]> {
    const rows = await askEngine<readonly ContainerRow[]>(host, 'GET', '/containers/json?all=1');
    return rows
      .filter((row) => isOwnedBy(row.Labels, owner))
      .map((row) => ({
        id: row.Id,
        name: (row.Names[0] ?? '').slice(1),
        state: row.State,
        labels: row.Labels,
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
  async function ownedNetworks() {
    const rows = await askEngine<
      readonly { Id: string; Name: string; Labels: Record<string, string> | null }[]
    >(host, 'GET', '/networks');
    return rows.filter((row) => isOwnedBy(row.Labels ?? {}, owner));
  }
  async function ownedVolumes() {
    const { Volumes } = await askEngine<{
      Volumes: readonly { Name: string; Labels: Record<string, string> | null }[] | null;
    }>(host, 'GET', '/volumes');
    return (Volumes ?? []).filter((row) => isOwnedBy(row.Labels ?? {}, owner));
  }
  return {
    host,
    containers,
    ids: async () => {
      const serving = (await containers()).filter(({ name }) => !name.includes('--old-'));
      return Object.fromEntries(serving.map(({ name, id }) => [name, id]));
    },
    async container(name) {
      const found = (await containers()).find((container) => container.name === name);
      if (found === undefined) throw new Error(`there is no container ${name} of ours`);
      return found;
    },
    async env(name) {
      const found = await askEngine<{ Config: { Env: string[] } }>(host, 'GET', `/containers/${name}/json`);
      return found.Config.Env;
    },
    async act(method, path, json) {
      const { status, body } = await requestEngine(host, method, path, json === undefined ? {} : { json });
      if (status >= 400) throw new Error(`${method} ${path}: ${status} ${body}`);
    },
    networks: async () => (await ownedNetworks()).map((row) => row.Name).toSorted(),
    volumes: async () => (await ownedVolumes()).map((row) => row.Name).toSorted(),
    async clean() {
      for (const { id } of await containers()) {
        await requestEngine(host, 'DELETE', `/containers/${id}?force=1&v=1`);
      }
      for (const { Id } of await ownedNetworks()) await requestEngine(host, 'DELETE', `/networks/${Id}`);
      for (const { Name } of await ownedVolumes()) await requestEngine(host, 'DELETE', `/volumes/${Name}`);
    },
  };
}
