import { type Document, isCollection, isPair, isScalar } from 'yaml';

/**
 * A block of text ends with a line break only if the file has one there. The parser adds it, which would give a
 * config another content than Docker Compose gives it.
 */
export function dropAddedLineBreak(text: string, last: Document.Parsed | undefined): void {
  if (last === undefined || text.endsWith('\n')) return;
  let node: unknown = last.contents;
  while (isCollection(node) || isPair(node)) node = isPair(node) ? node.value : node.items.at(-1);
  if (!isScalar(node) || typeof node.value !== 'string') return;
  const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
  if (isBlock && node.value.endsWith('\n')) node.value = node.value.slice(0, -1);
}
