// What it takes to read a state repo of 1,000 apps. Cold is the first load of a process, without the fetch; warm is
// a load after a commit that changed one app.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGitSource } from '#adapters/git/git-source.ts';
import type { FileTree } from '#domain/file-tree.ts';
import { hasErrors } from '#domain/problem.ts';
import { createSecretHasher } from '#manifest/hash-secret.ts';
import { loadDesiredState } from '#manifest/load-desired-state.ts';
import type { LoadResult } from '#manifest/load-result.ts';
import { createManifestCache } from '#manifest/manifest-cache.ts';
import { cpuTimeMs } from '#test/support/cpu-time.ts';
import { importFiles } from '#test/support/large-repo.ts';
import { openPolicy } from '#test/support/manifest-input.ts';
import { createStateRepo, type StateRepo } from '#test/support/state-repo.ts';
import type { BenchOptions, Figure } from './figure.ts';

const appCount = 1000;
const coldGoalMs = 2000;
const warmGoalMs = 50;
const casesDirectory = join(import.meta.dirname, '../compose-cases');

type Files = ReadonlyMap<string, Buffer>;

/** One that takes files of the repo, a secret among them: a directory is read, and the secret hashed slowly. */
const withContents: Files = new Map(
  Object.entries({
    'compose.yaml': [
      'services:',
      '  web:',
      '    image: nginx:1.27',
      '    restart: unless-stopped',
      '    configs: [{ source: site, target: /etc/nginx/conf.d/site.conf }]',
      '    secrets: [key]',
      '    volumes: ["./pages:/usr/share/nginx/html:ro"]',
      'configs: { site: { file: ./site.conf } }',
      'secrets: { key: { file: ./key.txt } }',
      '',
    ].join('\n'),
    'site.conf': 'server { listen 80; }\n',
    'key.txt': 'a secret',
    'pages/index.html': '<p>Hello</p>\n',
    'pages/about.html': '<p>About</p>\n',
  }).map(([path, text]) => [path, Buffer.from(text)] as const),
);

/** The cases made by hand that stand by themselves, without what is recorded of them. */
function readCases(): readonly Files[] {
  const names = readdirSync(casesDirectory).filter((name) => name.startsWith('h-'));
  const cases = names.toSorted().map((name) => {
    const files = readdirSync(join(casesDirectory, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !recorded.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
    const root = join(casesDirectory, name, '/');
    return new Map(files.map((file) => [file.slice(root.length), readFileSync(file)] as const));
  });
  const alone = cases.filter((files) => [...files.keys()].some((path) => composeName.test(path)));
  if (alone.length < 10) throw new Error(`${casesDirectory} has ${alone.length} cases`);
  return alone;
}

const recorded = /^(engine-.*|source|config)\.json$/;
const composeName = /^(docker-)?compose\.ya?ml$/;
/** What the cases were recorded with. */
const fleet = 'apiVersion: shorefast/v1\nkind: Fleet\nspec: { variables: { SET: value, EMPTY: "" } }\n';

function* writeRepo(cases: readonly Files[], changed: number | undefined): Generator<string | Buffer> {
  yield `M 100644 inline fleet.yaml\ndata ${fleet.length}\n${fleet}\n`;
  for (let index = 0; index < appCount; index += 1) {
    // Each app differs from the others, or one object would stand for many.
    const note = Buffer.from(`\n# app ${index}${index === changed ? ', changed' : ''}\n`);
    for (const [path, content] of cases[index % cases.length] ?? []) {
      const text = composeName.test(path) ? Buffer.concat([content, note]) : content;
      yield `M 100644 inline apps/app-${index}/${path}\ndata ${text.byteLength}\n`;
      yield text;
      yield '\n';
    }
  }
}

type Timed = { readonly tookMs: number; readonly computedMs: number; readonly result: LoadResult };

async function timeLoad(tree: FileTree, shared: Omit<Parameters<typeof loadDesiredState>[0], 'tree'>) {
  const startedAtMs = performance.now();
  const computedBeforeMs = cpuTimeMs();
  const result = await loadDesiredState({ tree, ...shared });
  return {
    tookMs: performance.now() - startedAtMs,
    computedMs: cpuTimeMs() - computedBeforeMs,
    result,
  };
}

function describe({ result }: Timed): string {
  if (result.kind === 'invalid') throw new Error(`nothing was loaded: ${JSON.stringify(result.problems)}`);
  const { apps } = result.state;
  const refused = apps.filter(({ problems }) => hasErrors(problems));
  if (apps.length !== appCount) throw new Error(`${apps.length} apps were loaded`);
  return `loading ${apps.length} apps, ${refused.length} of which are refused`;
}

async function measureRepo(repo: StateRepo, warmRounds: number): Promise<readonly Figure[]> {
  const cases = [...readCases(), withContents];
  const source = createGitSource({
    url: repo.directory,
    ref: { branch: 'main' },
    dataDirectory: join(repo.root, 'data'),
    timeoutMs: 60_000,
    maxPackBytes: 256 * 1024 * 1024,
    maxObjects: 100_000,
  });
  const fetchTree = async (changed?: number): Promise<FileTree> => {
    await importFiles(repo, writeRepo(cases, changed));
    return (await source.fetch(AbortSignal.timeout(60_000))).tree;
  };
  const shared = {
    policy: openPolicy,
    cache: createManifestCache(),
    hashSecret: createSecretHasher('bench'),
  };

  const cold = await timeLoad(await fetchTree(), shared);
  const described = describe(cold);
  const warm: Timed[] = [];
  for (let round = 0; round < warmRounds; round += 1) {
    // A prime apart, so that every round changes an app of another kind.
    const timed = await timeLoad(await fetchTree(round * 101), shared);
    describe(timed);
    warm.push(timed);
  }
  const median = warm.toSorted((a, b) => a.tookMs - b.tookMs)[Math.floor(warm.length / 2)];
  if (median === undefined) throw new Error('no warm round was measured');
  return [
    ...toFigures(`${described}, cold`, cold, coldGoalMs),
    ...toFigures('the same after a commit that changed one app', median, warmGoalMs),
  ];
}

/** Judged is what this thread computed: what passes by the clock depends on what else the machine does. */
function toFigures(what: string, { tookMs, computedMs }: Timed, goalMs: number): readonly Figure[] {
  return [
    { what, value: tookMs, unit: 'ms' },
    { what: 'computing for it', value: computedMs, unit: 'ms', bound: goalMs, limitedBy },
  ];
}

const limitedBy = 'inflating Git objects, parsing YAML, and one slow hash for each secret that is new';

export async function measure({ quick }: BenchOptions): Promise<readonly Figure[]> {
  const repo = await createStateRepo();
  try {
    return await measureRepo(repo, quick ? 3 : 9);
  } finally {
    await repo.remove();
  }
}
