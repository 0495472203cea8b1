import { type Document, isAlias, isCollection, isMap, isNode, isScalar, isSeq, type Pair } from 'yaml';
import type { DocumentPath } from './source-document.ts';

/** Offset of the node (or key) at `path`, or of its nearest parent that stands in the text. */
export function locateNode(document: Document, path: DocumentPath, of: 'key' | 'value'): number | undefined {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [index, key] of path.entries()) {
    const target: unknown = isAlias(node) ? node.resolve(document) : node;
    if (!isCollection(target)) return offset;
    const isLast = index === path.length - 1;
    if (isSeq(target)) {
      node = target.items[Number(key)];
    } else {
      const pair = isMap(target) ? target.items.find((item) => keyText(item) === String(key)) : undefined;
      node = isLast && of === 'key' ? pair?.key : (pair?.value ?? pair?.key);
      // An empty value (`ports:`) stands nowhere; its key does.
      if (isScalar(node) && node.source === '') node = pair?.key;
    }
    const found = startOf(node);
    if (found === undefined) return offset;
    offset = found;
  }
  return offset;
}

function keyText(pair: Pair): string | undefined {
  return isScalar(pair.key) && typeof pair.key.value === 'string' ? pair.key.value : undefined;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
