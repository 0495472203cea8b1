import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';

/** Compose's own tags: `!reset` takes a value back, `!override` replaces one that would be merged. */
export const resetTags = ['!reset', '!override'] as const;

/**
 * Takes out what is tagged `!reset`, and tells the paths of all that is tagged: what stood there in the files
 * before does not count. `*` is any entry of a list.
 */
export function takeResets(document: Document.Parsed): readonly (readonly string[])[] {
  const paths: (readonly string[])[] = [];

  function visit(node: unknown, path: readonly string[]): 'keep' | 'remove' {
    const tag = tagOf(node);
    if (tag !== undefined) paths.push(path);
    if (tag === '!reset') return 'remove';
    if (tag === '!override') {
      delete (node as { tag?: string }).tag;
      return 'keep';
    }
    if (isMap(node)) visitMap(node, path);
    if (isSeq(node)) visitSeq(node, path);
    return 'keep';
  }

  function visitMap(node: YAMLMap, path: readonly string[]): void {
    node.items = node.items.filter((pair) => visit(pair.value, [...path, keyOf(pair)]) === 'keep');
  }

  function visitSeq(node: YAMLSeq, path: readonly string[]): void {
    node.items = node.items.filter((item, index) => visit(item, [...path, String(index)]) === 'keep');
  }

  visit(document.contents, []);
  return paths.map((path) => path.filter((part) => part !== '<<'));
}

function tagOf(node: unknown): (typeof resetTags)[number] | undefined {
  const tag = isAlias(node) || !(isMap(node) || isSeq(node) || isScalar(node)) ? undefined : node.tag;
  return resetTags.find((known) => known === tag);
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.source ?? key.value) : '';
}
