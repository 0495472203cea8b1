// Entries that mean the same thing are one entry: the last of them, at the place of the first.

import { formatTree } from '../../tree/format-tree.ts';
import { isList, isMap, type Tree, type TreeList } from '../../tree/tree.ts';
import { compilePatterns, descend, type PatternTree } from '../../tree/tree-pattern.ts';
import { inheritSources, moveMember } from '../../tree/tree-source.ts';
import { parseShortVolume } from '../short/short-volume.ts';

/** What an entry is known by; undefined when it cannot be told, which is reported by another rule. */
type Identify = (entry: Tree) => string | undefined;

const byName: Identify = (entry) => (typeof entry === 'string' ? entry.split('=', 1)[0] : undefined);

const rules = compilePatterns<Identify>({
  'networks.*.labels': byName,
  'networks.*.ipam.options': byName,
  'services.*.annotations': byName,
  'services.*.build.args': byName,
  'services.*.build.additional_contexts': byName,
  'services.*.build.platform': byName,
  'services.*.build.tags': byName,
  'services.*.build.labels': byName,
  'services.*.cap_add': byName,
  'services.*.cap_drop': byName,
  'services.*.devices': byDevice,
  'services.*.configs': byMount(''),
  'services.*.deploy.labels': byName,
  'services.*.dns': byName,
  'services.*.dns_opt': byName,
  'services.*.dns_search': byName,
  'services.*.environment': byName,
  'services.*.env_file': byPath,
  'services.*.expose': (entry) => formatTree(entry),
  'services.*.labels': byName,
  'services.*.links': byName,
  'services.*.networks.*.aliases': byName,
  'services.*.networks.*.link_local_ips': byName,
  'services.*.ports': byPort,
  'services.*.profiles': byName,
  'services.*.secrets': byMount('/run/secrets'),
  'services.*.sysctls': byName,
  'services.*.tmpfs': byName,
  'services.*.volumes': byTarget,
});

/** The same tree without entries that a later one replaces. */
export function dropRepeated(tree: Tree): Tree {
  return walk(tree, rules);
}

function walk(tree: Tree, patterns: PatternTree<Identify> | undefined): Tree {
  if (patterns === undefined) return tree;
  if (isMap(tree)) {
    for (const key of Object.keys(tree)) {
      tree[key] = walk(tree[key] ?? null, descend(patterns, key));
    }
    return tree;
  }
  return isList(tree) && patterns.rule !== undefined ? keepLast(tree, patterns.rule) : tree;
}

function keepLast(list: TreeList, identify: Identify): TreeList {
  const places = new Map<string, number>();
  const kept: number[] = [];
  for (const [index, entry] of list.entries()) {
    const key = identify(entry);
    const place = key === undefined ? undefined : places.get(key);
    if (place === undefined) {
      if (key !== undefined) places.set(key, kept.length);
      kept.push(index);
    } else {
      kept[place] = index;
    }
  }
  if (kept.length === list.length) return list;
  const result = kept.map((index) => list[index] ?? null);
  inheritSources(list, result);
  for (const [index, from] of kept.entries()) {
    moveMember({ parent: list, key: from }, { parent: result, key: index });
  }
  return result;
}

function byTarget(entry: Tree): string | undefined {
  if (isMap(entry)) return typeof entry['target'] === 'string' ? entry['target'] : undefined;
  if (typeof entry !== 'string') return undefined;
  const parsed = parseShortVolume(entry);
  return parsed.kind === 'volume' ? parsed.volume.target : undefined;
}

function byDevice(entry: Tree): string | undefined {
  if (isMap(entry)) return typeof entry['target'] === 'string' ? entry['target'] : undefined;
  if (typeof entry !== 'string') return undefined;
  const parts = entry.split(':');
  return parts.length === 1 ? parts[0] : parts[1];
}

function byMount(directory: string): Identify {
  return (entry) => {
    if (typeof entry === 'string') return `${directory}/${entry}`;
    if (!isMap(entry)) return undefined;
    const { target, source } = entry;
    return typeof target === 'string' ? target : `${directory}/${formatTree(source)}`;
  };
}

function byPath(entry: Tree): string | undefined {
  if (typeof entry === 'string') return entry;
  const path = isMap(entry) ? entry['path'] : undefined;
  return typeof path === 'string' ? path : undefined;
}

function byPort(entry: Tree): string | undefined {
  if (!isMap(entry)) return formatTree(entry);
  const { host_ip: ip = '0.0.0.0', published, target, protocol = 'tcp' } = entry;
  // A number and the same as text are two to Compose.
  const host = published === undefined ? '' : JSON.stringify(published);
  return `${formatTree(ip)}:${host}:${formatTree(target)}/${formatTree(protocol)}`;
}
