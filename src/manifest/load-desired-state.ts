import type { DesiredApp } from '#domain/desired.ts';
import type { FileTree, TreeEntry } from '#domain/file-tree.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import { toCanonicalJson } from './canonical-json.ts';
import { checkAppDependencies } from './check-app-dependencies.ts';
import { refuseSharedNames } from './check-names.ts';
import { composeFileNames, type FoundApp, findApps } from './find-apps.ts';
import { createSecretHasher, type SecretHasher } from './hash-secret.ts';
import { loadApp } from './load-app.ts';
import type { LoadContext } from './load-context.ts';
import { fleetFileName, loadFleet } from './load-fleet.ts';
import type { LoadResult } from './load-result.ts';
import { createManifestCache, type ManifestCache } from './manifest-cache.ts';
import { defaultManifestLimits, type ManifestLimits } from './manifest-limits.ts';
import { mapBounded } from './map-bounded.ts';
import { fileProblem } from './place.ts';

export type LoadInput = {
  readonly tree: FileTree;
  readonly policy: HostPolicy;
  /** What is unchanged since the last load with the same cache is not read again. */
  readonly cache?: ManifestCache;
  readonly limits?: ManifestLimits;
  /** Keeps what it has worked out, so it is given rather than made anew for every load. */
  readonly hashSecret?: SecretHasher;
};

// Enough to read and to hash secrets beside the parsing; each may hold as much as one app is allowed to.
const loadedAtOnce = 8;

/** The files of a state repo → desired state, or what is wrong with it. Rejects only when the tree cannot be read. */
export async function loadDesiredState(input: LoadInput): Promise<LoadResult> {
  const { tree, policy, cache = createManifestCache(), limits = defaultManifestLimits } = input;
  const { hashSecret = createSecretHasher('') } = input;
  const root = (await tree.list('')) ?? [];
  const fleetEntry = root.find(({ name }) => name === fleetFileName);
  const fleet = await cache.fleet(fleetEntry?.oid ?? '', () => loadFleet(tree, fleetEntry, limits));
  if (fleet.kind === 'invalid') return fleet;
  const found = await findApps(tree, root, limits);
  if (found.kind === 'too-many') return { kind: 'invalid', problems: [found.problem] };
  if (found.apps.length === 0 && !fleet.fleet.desired.allowEmpty) return nothingFound(root);

  const context: LoadContext = { tree, policy, limits, hashSecret, fleet: fleet.fleet };
  const shared = toCanonicalJson([fleetEntry?.oid ?? '', policy, limits]);
  const apps = await mapBounded(found.apps, loadedAtOnce, (app) =>
    cache.app(app.directory, `${app.oid} ${shared}`, () => loadSafely(app, context)),
  );
  cache.keepOnly(found.apps.map(({ directory }) => directory));
  const byName = checkAppDependencies(refuseSharedNames(apps)).toSorted(
    (a, b) => compare(a.name, b.name) || compare(a.directory, b.directory),
  );
  return { kind: 'loaded', state: { fleet: fleet.fleet.desired, apps: byName } };
}

/** Whatever goes wrong with one app is a problem of that app, and is tried again at the next load. */
async function loadSafely(
  found: FoundApp,
  context: LoadContext,
): Promise<{ value: DesiredApp; lasting: boolean }> {
  try {
    return { value: await loadApp(found, context), lasting: true };
  } catch (error) {
    const { name, directory } = found;
    const message = error instanceof Error ? error.message : String(error);
    const problem = fileProblem(directory, `the app could not be read: ${message}`);
    return { value: { name, directory, stacks: [], problems: [problem] }, lasting: false };
  }
}

// An empty or mistaken source is never "nothing desired": that would remove everything.
function nothingFound(root: readonly TreeEntry[]): LoadResult {
  const atRoot = root.find(({ name }) => composeFileNames.includes(name) || name === 'app.yaml');
  const hint =
    atRoot === undefined
      ? 'an app is a directory with an app.yaml or a compose.yaml; set spec.allowEmpty in fleet.yaml if none is meant'
      : `move ${atRoot.name} into a directory of its own, such as apps/<name>/`;
  return { kind: 'invalid', problems: [fileProblem('.', 'there is no app in the state repo', hint)] };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
