import { type Alias, type Document, isAlias, isMap, isNode, isScalar, isSeq, type Pair, visit } from 'yaml';
import { isDate } from './go-scalars.ts';
import type { YamlLimits } from './yaml-limits.ts';

export type ShapeFault = { readonly offset: number; readonly message: string; readonly hint?: string };

const duplicateMessage = 'this key is already there: keys must be unique';
// As keys these could reach into the prototypes of JavaScript objects.
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Walks a document as it will be when aliases are spread out, and stops at the limits: after this, walking
 * its value is harmless. Also finds keys that are no text, and dangerous ones.
 */
export function findShapeFaults(
  document: Document.Parsed,
  limits: YamlLimits,
  hasAliases: boolean,
): ShapeFault[] {
  const targets: ReadonlyMap<Alias, unknown> = hasAliases ? findAliasTargets(document) : new Map();
  const faults: ShapeFault[] = [];
  let nodes = 0;
  let exceeded: ShapeFault | undefined;
  const opened = new Set<unknown>();
  // Nobody reads what is below `x-…`: what is odd there is no fault.
  let inExtension = false;

  function report(fault: ShapeFault): void {
    if (faults.length < 10 && !faults.some(({ offset }) => offset === fault.offset)) faults.push(fault);
  }

  function exceed(node: unknown, message: string): void {
    exceeded ??= { offset: offsetOf(node), message };
  }

  function walkAlias(alias: Alias, depth: number): void {
    const target = targets.get(alias);
    if (target === undefined) return report(unknownAlias(alias));
    if (opened.has(target)) {
      return report({ offset: offsetOf(alias), message: `the alias "${alias.source}" contains itself` });
    }
    opened.add(target);
    walk(target, depth);
    opened.delete(target);
  }

  function walk(node: unknown, depth: number): void {
    nodes += 1;
    if (depth > limits.maxDepth) exceed(node, `the YAML is nested deeper than ${limits.maxDepth} levels`);
    if (nodes > limits.maxNodes) exceed(node, `the YAML has more than ${limits.maxNodes} values`);
    if (exceeded !== undefined) return;
    const tag = findForeignTag(node);
    if (tag !== undefined) report({ offset: offsetOf(node), message: `the tag ${tag} is not supported` });
    if (isAlias(node)) walkAlias(node, depth + 1);
    else if (isSeq(node)) for (const item of node.items) walk(item, depth + 1);
    else if (isMap(node)) walkMap(node.items, depth);
    else if (!inExtension && isBareDate(node)) report({ offset: offsetOf(node), ...dateFault });
  }

  function walkMap(pairs: readonly Pair[], depth: number): void {
    const keys = new Set<unknown>();
    for (const { key, value } of pairs) {
      const name: unknown = isScalar(key) ? key.value : undefined;
      // The parser's own check for this takes quadratic time, so that it is switched off.
      const fault = keys.has(name) ? { offset: offsetOf(key), message: duplicateMessage } : findKeyFault(key);
      if (fault !== undefined) report(fault);
      if (typeof name === 'symbol' && !isMergeable(value)) report({ offset: offsetOf(key), ...mergeFault });
      keys.add(name);
      const outer = inExtension;
      inExtension ||= typeof name === 'string' && name.startsWith('x-');
      walk(value, depth + 1);
      inExtension = outer;
    }
  }

  function isMergeable(node: unknown): boolean {
    const target = isAlias(node) ? targets.get(node) : node;
    const sources: readonly unknown[] = isSeq(target) ? target.items : [target];
    return sources.every((each) => isMap(isAlias(each) ? targets.get(each) : each));
  }

  walk(document.contents, 0);
  return exceeded === undefined ? faults : [exceeded];
}

function unknownAlias(alias: Alias): ShapeFault {
  const message = `the alias "${alias.source}" stands for nothing`;
  return { offset: offsetOf(alias), message, hint: `an anchor &${alias.source} must stand before it` };
}

const mergeFault = { message: 'only mappings can be merged', hint: 'give `<<` a mapping, or a list of them' };
const dateFault = { message: 'a bare date is not text', hint: 'put it in quotes' };

/** A plain scalar that go-yaml takes for a date; where text is meant, Compose refuses it. */
function isBareDate(node: unknown): boolean {
  return isScalar(node) && node.type === 'PLAIN' && node.tag === undefined && isDate(node.source ?? '');
}

// Of what remains, the values are plain data.
const plainTags = new Set(['map', 'seq', 'str', 'int', 'float', 'bool', 'null', 'merge']);

function findForeignTag(node: unknown): string | undefined {
  const tag = isNode(node) && !isAlias(node) ? node.tag : undefined;
  if (tag === undefined || tag === '!' || tag.startsWith('!')) return undefined;
  const name = tag.replace('tag:yaml.org,2002:', '');
  return plainTags.has(name) ? undefined : `!!${name}`;
}

/** One pass for all of them: resolving an alias by itself searches the whole document. */
function findAliasTargets(document: Document.Parsed): ReadonlyMap<Alias, unknown> {
  const anchored = new Map<string, unknown>();
  const targets = new Map<Alias, unknown>();
  visit(document, {
    Alias: (_, alias) => void targets.set(alias, anchored.get(alias.source)),
    Value(_, node) {
      if (node.anchor !== undefined) anchored.set(node.anchor, node);
    },
  });
  return targets;
}

function findKeyFault(key: unknown): ShapeFault | undefined {
  const offset = offsetOf(key);
  const value: unknown = isScalar(key) ? key.value : undefined;
  if (typeof value === 'symbol') return undefined; // the merge key
  if (typeof value !== 'string') {
    const text = isScalar(key) ? (key.source ?? '') : '';
    return { offset, message: `the key ${text} is not text`.replace('  ', ' '), hint: 'put it in quotes' };
  }
  if (!forbiddenKeys.has(value)) return undefined;
  return { offset, message: `"${value}" is not allowed as a key` };
}

function offsetOf(key: unknown): number {
  return isNode(key) ? (key.range?.[0] ?? 0) : 0;
}
