// Routes into an app.yaml or a routes.yaml that is there: what is written in it stays as it is, comments and all.
import { Document, isAlias, isMap, isSeq, parseDocument } from 'yaml';
import { Failure } from '#ports/failure.ts';

export type RoutesHome = {
  readonly app: string;
  readonly stage?: string;
  /** Whether its stack has routes as the file is now. */
  readonly isRouted: boolean;
};

/** The text of the file with the routes added to those of the stack. @throws Failure IMPORT_CONFLICT */
export function addRoutes(text: string | undefined, home: RoutesHome, routes: readonly unknown[]): string {
  const { app, stage } = home;
  const document =
    text === undefined
      ? new Document({ apiVersion: 'shorefast/v1', kind: 'App', metadata: { name: app }, spec: {} })
      : parseDocument(text);
  const file = `the file of app ${app}`;
  if (document.errors.length > 0) throw toConflict(file, 'cannot be read');
  const layer = stage === undefined ? ['spec'] : ['spec', 'stages', stage];
  if (!isMap(document.getIn(layer))) setMap(document, layer, file);
  const path = [...layer, 'routes'];
  const before = document.getIn(path);
  if (isAlias(before)) throw toConflict(file, 'has its routes by an alias');
  const list = isSeq(before) ? before : startList(document, layer, home);
  for (const route of routes) list.add(document.createNode(route));
  if (list !== before) document.setIn(path, list);
  document.deleteIn([...layer, 'route']);
  return document.toString();
}

/** The text of routes.yaml with the routes added to those that it has. @throws Failure IMPORT_CONFLICT */
export function addFleetRoutes(text: string | undefined, routes: readonly unknown[]): string {
  const document =
    text === undefined
      ? new Document({ apiVersion: 'shorefast/v1', kind: 'Routes', spec: {} })
      : parseDocument(text);
  const file = 'routes.yaml';
  if (document.errors.length > 0 || !isMap(document.contents)) throw toConflict(file, 'cannot be read');
  if (!isMap(document.get('spec'))) setMap(document, ['spec'], file);
  const path = ['spec', 'routes'];
  const before = document.getIn(path);
  if (isAlias(before)) throw toConflict(file, 'has its routes by an alias');
  if (!isSeq(before)) document.setIn(path, document.createNode([]));
  for (const route of routes) document.addIn(path, document.createNode(route));
  return document.toString();
}

/** What is empty (`prod:`) has no place for anything. */
function setMap(document: Document, path: readonly string[], file: string): void {
  const found = document.getIn(path);
  if (found !== undefined && found !== null) throw toConflict(file, `has no mapping at ${path.join('.')}`);
  document.setIn(path, document.createNode({}));
}

/** A list stands in place of the routes of the layer below, and of the one that a port stands for: they go along. */
function startList(document: Document, layer: readonly string[], { stage, isRouted }: RoutesHome) {
  const list = document.createNode([] as unknown[]);
  const below = stage === undefined ? [layer] : [layer, ['spec']];
  for (const each of below) {
    const route = document.getIn([...each, 'route']);
    const found = document.getIn([...each, 'routes']);
    const routes = isAlias(found) ? found.resolve(document) : found;
    if (isSeq(routes)) {
      for (const item of routes.items) {
        list.add(document.createNode(isSeq(item) || isMap(item) ? item.clone() : item));
      }
      return list;
    }
    if (route === false) return list;
    if (route === true) break;
  }
  if (isRouted) list.add(document.createNode({}));
  return list;
}

function toConflict(file: string, why: string): Failure {
  return new Failure('IMPORT_CONFLICT', `${file} ${why}: mend it first`, { reaction: 'stall' });
}
