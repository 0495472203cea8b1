// Hosts that Nginx Proxy Manager has and nobody declares, as declarations: into the files of the apps that they lead
// to, as far as the state repo is there, and into routes.yaml.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Document, isSeq, parseDocument, stringify } from 'yaml';
import { openDirectoryTree } from '#adapters/directory/directory-tree.ts';
import type { ImportNpmOptions } from '#cli/cli-actions.ts';
import type { ImportView } from '#contract/import-view.ts';
import type { DesiredApp } from '#domain/desired.ts';
import { describeHost } from '#domain/routes/describe-host.ts';
import type { ObservedHostEntry, ObservedProxy } from '#domain/routes/observed-proxy.ts';
import { loadDesiredState } from '#manifest/load-desired-state.ts';
import { Failure } from '#ports/failure.ts';
import { buildProxy } from '../routes/build-proxy.ts';
import type { Settings } from '../settings/settings.ts';
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
    const apps = await readApps(options.out, settings);
    return await writeRoutes(observed, apps, options, settings);
  } finally {
    proxy.close();
  }
}

/** Of the state repo that is there already; none is none. */
async function readApps(directory: string, { policy }: Settings): Promise<readonly DesiredApp[]> {
  const tree = await openDirectoryTree(directory).catch(() => undefined);
  if (tree === undefined) return [];
  const result = await loadDesiredState({ tree, policy });
  return result.kind === 'loaded' ? result.state.apps : [];
}

async function writeRoutes(
  proxy: ObservedProxy,
  apps: readonly DesiredApp[],
  { out, force, withAdvanced }: ImportNpmOptions,
  { policy }: Settings,
): Promise<ImportView> {
  const services = listServices(apps);
  const scene: RouteScene = { proxy, services, withAdvanced, nowMs: Date.now() };
  const notes: string[] = [];
  const places = new Map<string, { readonly home: KnownService | undefined; readonly routes: unknown[] }>();
  for (const entry of proxy.hosts) {
    if (entry.marker !== undefined) {
      notes.push(`${describeHost(entry)} is left out: Shorefast ${entry.marker.owner} has it already`);
      continue;
    }
    const home = findHome(entry, services);
    const key = home === undefined ? '' : `${home.directory} ${home.stage ?? ''}`;
    const place = places.get(key) ?? { home, routes: [] };
    places.set(key, place);
    const told = toRouteDocument(entry, home, scene);
    place.routes.push(told.document);
    notes.push(...told.notes);
  }
  const files = await toFiles([...places.values()], out);
  await writeFiles(files, { force, mayExist: (path) => path.endsWith('app.yaml') });
  const tree = await openDirectoryTree(out);
  const checked = await loadDesiredState({ tree, policy });
  return {
    apps: [...places.values()].flatMap(({ home }) => home?.app ?? []),
    files: files.map(({ path }) => path),
    notes,
    problems:
      checked.kind === 'invalid' ? checked.problems : checked.state.apps.flatMap((app) => app.problems),
  };
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

/** Several stages of one app go into one file, one after the other. */
async function toFiles(places: readonly Place[], out: string) {
  const texts = new Map<string, string>();
  for (const { home, routes } of places) {
    if (home === undefined) {
      texts.set(
        join(out, 'routes.yaml'),
        stringify({ apiVersion: 'shorefast/v1', kind: 'Routes', spec: { routes } }),
      );
      continue;
    }
    const path = join(out, home.directory, 'app.yaml');
    const text = texts.get(path) ?? (await readFile(path, 'utf8').catch(() => undefined));
    texts.set(path, addRoutes(text, home, routes));
  }
  return [...texts].map(([path, text]) => ({ path, content: new TextEncoder().encode(text) }));
}

/** What is written in the file stays as it is, comments and all. */
function addRoutes(
  text: string | undefined,
  { app, stage }: KnownService,
  routes: readonly unknown[],
): string {
  const document =
    text === undefined
      ? new Document({ apiVersion: 'shorefast/v1', kind: 'App', metadata: { name: app }, spec: {} })
      : parseDocument(text);
  if (document.errors.length > 0) {
    throw new Failure('IMPORT_CONFLICT', `the file of app ${app} cannot be read: mend it first`, {
      reaction: 'stall',
    });
  }
  const path = stage === undefined ? ['spec', 'routes'] : ['spec', 'stages', stage, 'routes'];
  const before = document.getIn(path);
  if (isSeq(before)) for (const route of routes) before.add(document.createNode(route));
  else document.setIn(path, document.createNode(routes));
  return document.toString();
}
