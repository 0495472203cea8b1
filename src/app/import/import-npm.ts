// Hosts that Nginx Proxy Manager has and nobody declares, as declarations: into the files of the apps that they lead
// to, as far as the state repo is there, and into routes.yaml.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDirectoryTree } from '#adapters/directory/directory-tree.ts';
import type { ImportNpmOptions } from '#cli/cli-actions.ts';
import type { ImportView } from '#contract/import-view.ts';
import type { DesiredApp, DesiredState } from '#domain/desired.ts';
import { isUnreadable } from '#domain/judge-pruning.ts';
import type { Problem } from '#domain/problem.ts';
import { describeHost, listEntries } from '#domain/routes/describe-host.ts';
import type { DesiredRoute } from '#domain/routes/desired-route.ts';
import type { ObservedHostEntry, ObservedProxy } from '#domain/routes/observed-proxy.ts';
import { loadDesiredState } from '#manifest/load-desired-state.ts';
import { Failure } from '#ports/failure.ts';
import { buildProxy } from '../routes/build-proxy.ts';
import type { Settings } from '../settings/settings.ts';
import { addFleetRoutes, addRoutes } from './add-routes.ts';
import { type KnownService, type RouteScene, toRouteDocument } from './to-route-document.ts';
import { writeFiles } from './write-apps.ts';

/** @throws ProxyError; Failure SETTINGS_INVALID, IMPORT_CONFLICT */
export async function importNpm(
  options: ImportNpmOptions,
  settings: Settings,
  signal: AbortSignal,
): Promise<ImportView> {
  const proxy = buildProxy(settings);
  try {
    const observed = await proxy.observe(signal);
    const state = await readState(options, settings);
    return await writeRoutes(observed, state, options, settings);
  } finally {
    proxy.close();
  }
}

/**
 * Of the state repo that is there already; none is none. Undefined: it cannot be told what routes it has.
 * @throws Failure IMPORT_CONFLICT
 */
async function readState(
  { out, force }: ImportNpmOptions,
  { policy }: Settings,
): Promise<DesiredState | undefined> {
  const tree = await openDirectoryTree(out).catch(() => undefined);
  if (tree === undefined) return nothing;
  const result = await loadDesiredState({ tree, policy });
  if (result.kind !== 'loaded') return undefined;
  const { fleet, apps } = result.state;
  // What it declares would be declared a second time.
  if (apps.some(isUnreadable) && !force) throw toUnknown('an app cannot be read');
  return fleet.problems === undefined ? result.state : undefined;
}

const nothing: DesiredState = { fleet: { allowEmpty: false }, apps: [] };

async function writeRoutes(
  proxy: ObservedProxy,
  known: DesiredState | undefined,
  { out, force, withAdvanced }: ImportNpmOptions,
  { policy }: Settings,
): Promise<ImportView> {
  const state = known ?? nothing;
  const services = listServices(state.apps);
  const scene: RouteScene = { proxy, services, withAdvanced, nowMs: Date.now() };
  const notes: string[] = [];
  const places = new Map<string, { readonly home: KnownService | undefined; readonly routes: unknown[] }>();
  for (const entry of proxy.hosts) {
    if (entry.marker !== undefined) {
      notes.push(`${describeHost(entry)} is left out: Shorefast ${entry.marker.owner} has it already`);
      continue;
    }
    const home = findHome(entry, services);
    const name = findDeclared(entry, state);
    if (name !== undefined) {
      notes.push(`${describeHost(entry)} is left out: a route of the state repo has ${name} already`);
      continue;
    }
    const key = home === undefined ? '' : `${home.directory} ${home.stage ?? ''}`;
    const place = places.get(key) ?? { home, routes: [] };
    places.set(key, place);
    const told = toRouteDocument(entry, home, scene);
    place.routes.push(told.document);
    notes.push(...told.notes);
  }
  const files = await toFiles([...places.values()], { out, force, apps: known?.apps });
  // All of them have been read before, and hold what was in them, unless it could not be read.
  await writeFiles(files, { force, mayExist: () => true });
  const tree = await openDirectoryTree(out);
  const checked = await loadDesiredState({ tree, policy });
  return {
    apps: [...places.values()].flatMap(({ home }) => home?.app ?? []),
    files: files.map(({ path }) => path),
    notes,
    problems: checked.kind === 'invalid' ? checked.problems : listProblems(checked.state),
  };
}

function listProblems({ fleet, apps }: DesiredState): readonly Problem[] {
  return [...(fleet.problems ?? []), ...apps.flatMap((app) => app.problems)];
}

/** One of its names or ports that a route has already. */
function findDeclared({ body }: ObservedHostEntry, { fleet, apps }: DesiredState): string | undefined {
  const ofApps = apps.flatMap(({ stacks }) => stacks.flatMap(({ routes = [] }) => routes));
  const taken = new Set([...ofApps, ...(fleet.proxy?.routes ?? [])].flatMap(listNames));
  return listEntries(body).find((name) => taken.has(name));
}

/** As `listEntries` has them. */
function listNames(route: DesiredRoute): readonly string[] {
  if (route.kind !== 'stream') return route.hosts;
  const { listen, protocol } = route;
  return (protocol === 'both' ? ['tcp', 'udp'] : [protocol]).map((each) => `${each}/${listen}`);
}

function listServices(apps: readonly DesiredApp[]): ReadonlyMap<string, KnownService> {
  const known = apps.flatMap(({ name, directory, stacks }) =>
    stacks.flatMap(({ stage, services }) =>
      services.flatMap((service) =>
        service.containerNames.map(
          (container) =>
            [
              container,
              { app: name, directory, service: service.name, ...(stage !== undefined && { stage }) },
            ] as const,
        ),
      ),
    ),
  );
  return new Map(known);
}

function findHome({ body }: ObservedHostEntry, services: RouteScene['services']): KnownService | undefined {
  return 'forwardHost' in body ? services.get(body.forwardHost) : undefined;
}

type Place = { readonly home: KnownService | undefined; readonly routes: readonly unknown[] };

type FilesScene = {
  readonly out: string;
  readonly force: boolean;
  readonly apps: readonly DesiredApp[] | undefined;
};

/** Several stages of one app go into one file, one after the other. @throws Failure IMPORT_CONFLICT */
async function toFiles(places: readonly Place[], { out, force, apps }: FilesScene) {
  const texts = new Map<string, string>();
  for (const { home, routes } of places) {
    if (home === undefined) {
      const path = join(out, 'routes.yaml');
      const before = await readIfThere(path);
      if (before !== undefined && apps === undefined && !force) throw toUnknown('routes.yaml is there');
      texts.set(path, addToFleet(before, routes, force));
      continue;
    }
    const path = join(out, home.directory, 'app.yaml');
    const text = texts.get(path) ?? (await readIfThere(path));
    const { stacks = [] } = apps?.find(({ directory }) => directory === home.directory) ?? {};
    const stack = stacks.find(({ stage }) => stage === home.stage);
    const isRouted = (stack?.routes ?? []).length > 0;
    texts.set(path, addRoutes(text, { ...home, isRouted }, routes));
  }
  return [...texts].map(([path, text]) => ({ path, content: new TextEncoder().encode(text) }));
}

/** What is there might be declared a second time. */
/** What is there and cannot be read must not be written over. */
async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function toUnknown(why: string): Failure {
  const message = `${why}, and what routes the state repo has cannot be told: mend it first (shorefast validate), or --force`;
  return new Failure('IMPORT_CONFLICT', message, { reaction: 'stall' });
}

/** Only what cannot be read is overwritten, and only when that is asked for. @throws Failure IMPORT_CONFLICT */
function addToFleet(text: string | undefined, routes: readonly unknown[], force: boolean): string {
  try {
    return addFleetRoutes(text, routes);
  } catch (error) {
    if (!force || !(error instanceof Failure)) throw error;
    return addFleetRoutes(undefined, routes);
  }
}
