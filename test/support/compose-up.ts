// What Docker Compose asked an engine for is asked for again, word for word, and started: a project as
// `docker compose up -d` leaves it, without needing Docker Compose.
import { readRecordedRequests, readSource } from './compose-cases.ts';
import { askEngine, requestEngine } from './engine-request.ts';
import { loadStandIns, removeImages, testLabel } from './images.ts';

type Body = {
  readonly Name?: string;
  readonly Image?: string;
  readonly Env?: readonly string[] | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
};
type Row = {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Labels: Record<string, string>;
};

/** A running project of Docker Compose; `change` is done to the last container before it is made. */
export async function composeUp(host: string, name: string, change = (body: Body): Body => body) {
  const { project, existing } = readSource(name);
  const requests = readRecordedRequests<Body>(name, '1.41');
  const creates = requests.filter(({ path }) => path === '/containers/create');
  const images = [...new Set(creates.flatMap(({ body }) => body.Image ?? []))];
  await loadStandIns(host, images, { ports: [80], programs: ['curl', 'pg_isready'] });
  const Labels = { [testLabel]: project };
  for (const Name of existing.networks) await askEngine(host, 'POST', '/networks/create', { Name, Labels });
  for (const Name of existing.volumes) await askEngine(host, 'POST', '/volumes/create', { Name, Labels });
  const ids = new Map<string, string>();
  for (const request of requests) {
    const { path, query, body } = fillIn(request, ids);
    const made = request === creates.at(-1) ? change(body) : body;
    const search = new URLSearchParams(query).toString();
    const answer = await askEngine<{ Id?: string } | undefined>(host, 'POST', `${path}?${search}`, made);
    const service = body.Labels?.['com.docker.compose.service'];
    const number = body.Labels?.['com.docker.compose.container-number'];
    if (service !== undefined) ids.set(`<container:${service}-${number}>`, answer?.Id ?? '');
  }
  for (const id of ids.values()) await askEngine(host, 'POST', `/containers/${id}/start`);
  return {
    changed: String(creates.at(-1)?.query['name']),
    async [Symbol.asyncDispose]() {
      for (const { Id } of await listProject(host, project)) {
        await requestEngine(host, 'DELETE', `/containers/${Id}?force=1&v=1`);
      }
      for (const { path, body } of requests) {
        if (path === '/networks/create') await requestEngine(host, 'DELETE', `/networks/${body.Name}`);
        if (path === '/volumes/create') await requestEngine(host, 'DELETE', `/volumes/${body.Name}`);
      }
      for (const each of existing.networks) await requestEngine(host, 'DELETE', `/networks/${each}`);
      for (const each of existing.volumes) await requestEngine(host, 'DELETE', `/volumes/${each}`);
      await removeImages(host, images);
    },
  };
}

function fillIn<T>(request: T, ids: ReadonlyMap<string, string>): T {
  const text = JSON.stringify(request).replaceAll(/<container:[^>]+>/g, (name) => ids.get(name) ?? name);
  return JSON.parse(text.replaceAll('$' + '{CASE}', '/tmp')) as T;
}

async function listProject(host: string, project: string): Promise<readonly Row[]> {
  const filters = JSON.stringify({ label: [`com.docker.compose.project=${project}`] });
  return askEngine(host, 'GET', `/containers/json?all=1&filters=${encodeURIComponent(filters)}`);
}

/** Ids by name. */
export async function readProjectIds(
  host: string,
  project: string,
): Promise<Readonly<Record<string, string>>> {
  const rows = await listProject(host, project);
  return Object.fromEntries(rows.map(({ Names, Id }) => [(Names[0] ?? '').slice(1), Id]));
}
