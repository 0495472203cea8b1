import type { DocumentPath, SourceDocument } from '../yaml/source-document.ts';
import { isList, isMap, type Tree, type TreeList, type TreeMap } from './tree.ts';

/** Where in which file something was written. */
export type TreeSource = { readonly document: SourceDocument; readonly path: DocumentPath };

type Container = TreeMap | TreeList;

// A tree is made of parts of several documents, and is plain data all the same: where a part comes from is
// remembered beside it. What is not remembered stands where its parent stands, under its own key.
const sources = new WeakMap<Container, TreeSource>();
const memberSources = new WeakMap<Container, Map<string | number, TreeSource | Moved>>();

/** A member that stood under another key of the same parent. */
type Moved = { readonly from: string | number };

export function setSource(value: Tree, source: TreeSource | undefined): void {
  if (source !== undefined && (isMap(value) || isList(value))) sources.set(value, source);
}

export function setMemberSource(
  parent: Container,
  key: string | number,
  source: TreeSource | Moved | undefined,
): void {
  if (source === undefined) return;
  const members = memberSources.get(parent);
  if (members === undefined) memberSources.set(parent, new Map([[key, source]]));
  else members.set(key, source);
}

/** Its members stay where they stand, though it will itself stand elsewhere. */
export function pinMembers(parent: Tree, source: TreeSource): void {
  if (!isMap(parent)) return;
  for (const key of Object.keys(parent)) setMemberSource(parent, key, memberSource(parent, key, source));
}

/** The source of a member, when the parent's is known. */
export function memberSource(
  parent: Tree,
  key: string | number,
  parentSource: TreeSource | undefined,
): TreeSource | undefined {
  if (isMap(parent) || isList(parent)) {
    const own = memberSources.get(parent)?.get(key);
    if (own !== undefined) return 'from' in own ? below(parentSource, own.from) : own;
    const member = isMap(parent) ? parent[String(key)] : parent[Number(key)];
    const marked = isMap(member) || isList(member) ? sources.get(member) : undefined;
    if (marked !== undefined) return marked;
  }
  return below(parentSource, key);
}

function below(parent: TreeSource | undefined, key: string | number): TreeSource | undefined {
  return parent && { document: parent.document, path: [...parent.path, key] };
}

/** A member under another key of a container that replaces its parent. */
export function moveMember(
  from: { readonly parent: Container; readonly key: string | number },
  to: { readonly parent: Container; readonly key: string | number },
): void {
  const member = isMap(from.parent) ? from.parent[String(from.key)] : from.parent[Number(from.key)];
  const marked = isMap(member) || isList(member) ? sources.get(member) : undefined;
  const own = memberSources.get(from.parent)?.get(from.key);
  setMemberSource(to.parent, to.key, own ?? marked ?? { from: from.key });
}

/** The source of what stands at a path of the tree. */
export function sourceAt(root: Tree, path: DocumentPath): TreeSource | undefined {
  let node: Tree | undefined = root;
  let source = isMap(root) || isList(root) ? sources.get(root) : undefined;
  for (const key of path) {
    source = memberSource(node ?? null, key, source);
    node = isMap(node) ? node[String(key)] : isList(node) ? node[Number(key)] : undefined;
  }
  return source;
}

/** Another value in place of one, which stands where that stood. */
export function inheritSources(from: Tree, to: Tree): void {
  if (!(isMap(from) || isList(from)) || !(isMap(to) || isList(to))) return;
  const source = sources.get(from);
  if (source !== undefined) sources.set(to, source);
  const members = memberSources.get(from);
  if (members !== undefined) memberSources.set(to, new Map(members));
}

export function cloneTree(value: Tree): Tree {
  if (isList(value)) {
    const list = value.map(cloneTree);
    inheritSources(value, list);
    return list;
  }
  if (!isMap(value)) return value;
  const map = Object.create(null) as TreeMap;
  for (const key of Object.keys(value)) map[key] = cloneTree(value[key] ?? null);
  inheritSources(value, map);
  return map;
}
