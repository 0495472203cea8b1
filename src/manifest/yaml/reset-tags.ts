import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** Compose's own tags: `!reset` takes a value back, `!override` replaces one that would be merged. */
export const resetTags = ['!reset', '!override'] as const;

type ResetTag = (typeof resetTags)[number];
type Path = readonly string[];

// What aliases spread out to; a document with more is refused later.
const maxNodes = 100_000;

/**
 * Takes out what is tagged `!reset`, and tells the paths of all that is tagged, by aliases too: what stood
 * there in the files before does not count.
 */
export function takeResets(document: Document.Parsed): readonly Path[] {
  const { tags, anchors } = findTags(document);
  const paths: Path[] = [];
  let nodes = 0;

  function walk(given: unknown, path: Path): 'keep' | 'remove' {
    nodes += 1;
    if (nodes > maxNodes) return 'keep';
    const node = isAlias(given) ? anchors.get(given.source) : given;
    const tag = tags.get(node);
    if (tag !== undefined) paths.push(path);
    if (tag !== undefined) return tag === '!reset' ? 'remove' : 'keep';
    if (isMap(node)) walkMap(node, path);
    if (isSeq(node)) walkSeq(node, path);
    return 'keep';
  }

  function walkMap(node: YAMLMap, path: Path): void {
    node.items = node.items.filter((pair) => walk(pair.value, [...path, ...keyOf(pair)]) === 'keep');
  }

  function walkSeq(node: YAMLSeq, path: Path): void {
    node.items = node.items.filter((item, index) => walk(item, [...path, String(index)]) === 'keep');
  }

  if (tags.size > 0) walk(document.contents, []);
  return paths;
}

/** The tagged nodes, which lose their tags, and what aliases stand for. */
function findTags(document: Document.Parsed) {
  const tags = new Map<unknown, ResetTag>();
  const anchors = new Map<string, unknown>();
  visit(document, {
    Value(_, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      const tag = resetTags.find((known) => known === node.tag);
      if (tag === undefined) return;
      tags.set(node, tag);
      delete (node as { tag?: string }).tag;
    },
  });
  return { tags, anchors };
}

/** A merge key is no step on the way. */
function keyOf({ key }: Pair): Path {
  const name = isScalar(key) ? String(key.source ?? key.value) : '';
  return name === '<<' ? [] : [name];
}
