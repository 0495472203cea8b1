import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Pair } from 'yaml';
import type { YamlLimits } from './yaml-limits.ts';

export type ShapeFault = { readonly offset: number; readonly message: string; readonly hint?: string };

// As keys these could reach into the prototypes of JavaScript objects.
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Walks a document as it will be when aliases are spread out, and stops at the limits: after this, walking
 * its value is harmless. Also finds keys that are no text, and dangerous ones.
 */
export function findShapeFaults(document: Document.Parsed, limits: YamlLimits): ShapeFault[] {
  const faults: ShapeFault[] = [];
  let nodes = 0;
  let exceeded: string | undefined;

  function walk(node: unknown, depth: number): void {
    nodes += 1;
    if (depth > limits.maxDepth) exceeded ??= `the YAML is nested deeper than ${limits.maxDepth} levels`;
    if (nodes > limits.maxNodes) exceeded ??= `the YAML has more than ${limits.maxNodes} values`;
    if (exceeded !== undefined) return;
    if (isAlias(node)) walk(node.resolve(document), depth + 1);
    else if (isSeq(node)) for (const item of node.items) walk(item, depth + 1);
    else if (isMap(node)) for (const pair of node.items) walkPair(pair, depth);
  }

  function walkPair(pair: Pair, depth: number): void {
    const fault = findKeyFault(pair.key);
    if (fault !== undefined && faults.length < 10 && !faults.some(({ offset }) => offset === fault.offset)) {
      faults.push(fault);
    }
    walk(pair.value, depth + 1);
  }

  walk(document.contents, 0);
  return exceeded === undefined ? faults : [{ offset: 0, message: exceeded }];
}

function findKeyFault(key: unknown): ShapeFault | undefined {
  const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
  const value: unknown = isScalar(key) ? key.value : undefined;
  if (typeof value === 'symbol') return undefined; // the merge key
  if (typeof value !== 'string') {
    const text = isScalar(key) ? (key.source ?? '') : '';
    return { offset, message: `the key ${text} is not text`.replace('  ', ' '), hint: 'put it in quotes' };
  }
  if (!forbiddenKeys.has(value)) return undefined;
  return { offset, message: `"${value}" is not allowed as a key` };
}
