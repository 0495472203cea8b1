// Short forms become long ones, so that everything after reads one form only.

import { InvalidValue, type Place } from '../../place.ts';
import { formatScalar } from '../../text/format-scalar.ts';
import { formatTree } from '../../tree/format-tree.ts';
import { createMap, isList, isMap, mapAt, type Tree, type TreeList, type TreeMap } from '../../tree/tree.ts';
import { compilePatterns, descend, type PatternTree } from '../../tree/tree-pattern.ts';
import { inheritSources, setSource } from '../../tree/tree-source.ts';
import { countShortPorts, maxPorts, parseShortPort } from '../short/short-port.ts';
import { parseShortVolume, toLongVolume } from '../short/short-volume.ts';
import { toMapping } from './sequences.ts';

type Transform = (value: Tree, place: Place) => Tree;

const transforms = compilePatterns<Transform>({
  'services.*.build': toBuild,
  'services.*.build.secrets.*': toFileMount,
  'services.*.build.provenance': toText,
  'services.*.build.sbom': toText,
  'services.*.build.additional_contexts': toKeyValue,
  'services.*.build.ssh': toKeys,
  'services.*.depends_on': toDependencies,
  'services.*.env_file': toEnvFiles,
  'services.*.label_file': toList,
  'services.*.extends': (value) => (typeof value === 'string' ? createMap([['service', value]]) : value),
  'services.*.gpus': (value) => (typeof value === 'string' ? [createMap([['count', 'all']])] : value),
  'services.*.networks': (value) => toMapping(value, () => null) ?? value,
  'services.*.models': (value) => toMapping(value, () => null) ?? value,
  'services.*.volumes.*': toVolume,
  'services.*.dns': toDns,
  'services.*.devices.*': toDevice,
  'services.*.secrets.*': toFileMount,
  'services.*.configs.*': toFileMount,
  'services.*.ports': toPorts,
  'services.*.develop.watch.*.ignore': toList,
  'services.*.develop.watch.*.include': toList,
  'volumes.*': toResource,
  'networks.*': toResource,
  'secrets.*': toResource,
  'configs.*': toResource,
});

/** Faults of single values are told at their places; the tree then is not to be used. */
export function toCanonical(tree: TreeMap, place: Place): void {
  const ports = countPorts(mapAt(tree, 'services'));
  if (ports > maxPorts) place.at('services').error(`more than ${maxPorts} ports are published`);
  else walk(tree, place, transforms);
}

function countPorts(services: TreeMap | undefined): number {
  let count = 0;
  for (const service of Object.values(services ?? {})) {
    const ports = isMap(service) ? service['ports'] : undefined;
    for (const port of isList(ports) ? ports : []) {
      count += isMap(port) ? 1 : countShortPorts(formatTree(port));
    }
  }
  return count;
}

function walk(tree: Tree, place: Place, patterns: PatternTree<Transform> | undefined): Tree {
  if (patterns === undefined) return tree;
  const value = patterns.rule === undefined ? tree : transformAt(tree, place, patterns.rule);
  if (isMap(value)) {
    for (const key of Object.keys(value)) {
      value[key] = walk(value[key] ?? null, place.at(key), descend(patterns, key));
    }
  } else if (isList(value)) {
    for (const [index, entry] of value.entries()) {
      value[index] = walk(entry, place.at(index), descend(patterns, index));
    }
  }
  return value;
}

function transformAt(tree: Tree, place: Place, transform: Transform): Tree {
  const value = place.attempt(() => transform(tree, place)) ?? tree;
  if (value !== tree) inheritSources(tree, value);
  return value;
}

function toBuild(value: Tree): Tree {
  return typeof value === 'string' ? createMap([['context', value]]) : value;
}

function toFileMount(value: Tree): Tree {
  return typeof value === 'string' ? createMap([['source', value]]) : value;
}

function toText(value: Tree): Tree {
  return value === null || isMap(value) || isList(value) ? value : formatScalar(value);
}

function toList(value: Tree): Tree {
  return typeof value === 'string' ? [value] : value;
}

/** An empty server is none. */
function toDns(value: Tree): Tree {
  const servers = toList(value);
  return isList(servers) ? servers.filter((server) => server !== '' && server !== null) : servers;
}

function toKeyValue(value: Tree): Tree {
  return toPairs(value, () => {
    throw new InvalidValue('expected name=value');
  });
}

/** The agent's own keys are called `default`; others have a path. */
function toKeys(value: Tree): Tree {
  return toPairs(value, (name) => {
    if (name !== 'default') {
      throw new InvalidValue(`invalid ssh key "${name}"`, 'expected default, or id=path');
    }
    return null;
  });
}

function toPairs(value: Tree, toMissing: (name: string) => Tree): Tree {
  if (!isList(value)) return value;
  return createMap(
    value.map((entry) => {
      const text = formatTree(entry);
      const equals = text.indexOf('=');
      return equals === -1 ? [text, toMissing(text)] : [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

function toDependencies(value: Tree): Tree {
  const dependencies = toMapping(value, () => createMap());
  for (const dependency of Object.values(dependencies ?? {})) {
    if (!isMap(dependency)) continue;
    dependency['condition'] ??= 'service_started';
    dependency['required'] ??= true;
  }
  return dependencies ?? value;
}

function toEnvFiles(value: Tree): Tree {
  const files = toList(value);
  if (!isList(files)) return files;
  return files.map((file) => {
    if (isMap(file)) {
      file['required'] ??= true;
      return file;
    }
    return createMap([
      ['path', file],
      ['required', true],
    ]);
  });
}

function toVolume(value: Tree, place: Place): Tree {
  if (typeof value !== 'string') return value;
  const parsed = parseShortVolume(value);
  if (parsed.kind === 'invalid') throw new InvalidValue(parsed.message, 'expected source:target[:options]');
  const [unknown] = parsed.volume.unknown;
  if (unknown !== undefined) place.warn(`the mount option "${unknown}" is not known, and has no effect`);
  return toLongVolume(parsed.volume);
}

/** `source[:target[:permissions]]` */
function toDevice(value: Tree): Tree {
  if (typeof value !== 'string') return value;
  const [source = '', target, permissions = 'rwm', ...rest] = value.split(':');
  if (rest.length > 0) {
    throw new InvalidValue(`confusing device mapping, please use long syntax: ${value}`);
  }
  return createMap([
    ['source', source],
    ['target', target || source],
    ['permissions', permissions],
  ]);
}

function toPorts(value: Tree, place: Place): Tree {
  if (!isList(value)) return value;
  const ports: TreeList = [];
  for (const [index, entry] of value.entries()) {
    const parsed = isMap(entry) ? [entry] : place.at(index).attempt(() => parseShortPort(formatTree(entry)));
    // One entry gives several, so that those after it stand under other numbers than in the file.
    const source = place.at(index).source();
    for (const port of parsed ?? []) {
      setSource(port, source);
      ports.push(port);
    }
  }
  return ports;
}

/** `external: { name: x }` is an old way to say `external: true` and `name: x`. */
function toResource(value: Tree, place: Place): Tree {
  if (!isMap(value) || !isMap(value['external'])) return value;
  const { name } = value['external'];
  value['external'] = true;
  if (name === undefined) return value;
  place.at('external').warn('external.name is deprecated: set name and external: true');
  if (value['name'] !== undefined && value['name'] !== name) {
    throw new InvalidValue('name and external.name conflict; only use name');
  }
  value['name'] ??= name;
  return value;
}
