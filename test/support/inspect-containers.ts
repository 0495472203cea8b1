import { askEngine } from './engine-request.ts';
import type { LiveHost } from './live-host.ts';

/** What an inspect tells of a container, as far as tests ask. */
export type InspectedContainer = {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly restartPolicy: string;
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
};

type Inspect = {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Status: string; readonly StartedAt: string; readonly FinishedAt: string };
  readonly HostConfig: { readonly RestartPolicy: { readonly Name: string } };
  readonly Config: { readonly Env: readonly string[] | null; readonly Labels: Record<string, string> };
};

/** Every container of the owner, in name order. */
export async function inspectContainers(live: LiveHost): Promise<readonly InspectedContainer[]> {
  const rows = await live.containers();
  const found = rows.map(({ id }) => askEngine<Inspect>(live.host, 'GET', `/containers/${id}/json`));
  return (await Promise.all(found)).map(({ Id, Name, State, HostConfig, Config }) => ({
    id: Id,
    name: Name.slice(1),
    status: State.Status,
    startedAt: State.StartedAt,
    finishedAt: State.FinishedAt,
    restartPolicy: HostConfig.RestartPolicy.Name,
    env: Config.Env ?? [],
    labels: Config.Labels,
  }));
}
