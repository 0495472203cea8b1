import { InvalidValue, type Place } from '../../place.ts';
import { interpolate, type Lookup } from '../../text/interpolate.ts';
import { isList, isMap, type Tree, type TreeMap } from '../../tree/tree.ts';
import { compilePatterns, descend, type PatternTree } from '../../tree/tree-pattern.ts';
import { inheritSources } from '../../tree/tree-source.ts';

/** Text where another type is meant, because a variable's value is text. */
type Cast = (text: string, place: Place) => Tree;

const service = (paths: readonly string[], cast: Cast) =>
  Object.fromEntries(paths.map((path) => [`services.*.${path}`, cast]));

const casts = compilePatterns<Cast>({
  ...service(
    [
      'cpu_count',
      'cpu_period',
      'cpu_quota',
      'cpu_rt_period',
      'cpu_rt_runtime',
      'cpu_shares',
      'deploy.replicas',
      'deploy.update_config.parallelism',
      'deploy.rollback_config.parallelism',
      'deploy.restart_policy.max_attempts',
      'deploy.placement.max_replicas_per_node',
      'healthcheck.retries',
      'oom_score_adj',
      'pids_limit',
      'ports.*.target',
      'scale',
      'ulimits.*',
      'ulimits.*.hard',
      'ulimits.*.soft',
    ],
    toInteger,
  ),
  ...service(
    [
      'cpu_percent',
      'cpus',
      'deploy.update_config.max_failure_ratio',
      'deploy.rollback_config.max_failure_ratio',
    ],
    toFloat,
  ),
  ...service(
    [
      'init',
      'healthcheck.disable',
      'oom_kill_disable',
      'privileged',
      'read_only',
      'stdin_open',
      'tty',
      'volumes.*.read_only',
      'volumes.*.volume.nocopy',
    ],
    toBoolean,
  ),
  'networks.*.external': toBoolean,
  'networks.*.internal': toBoolean,
  'networks.*.attachable': toBoolean,
  'networks.*.enable_ipv4': toBoolean,
  'networks.*.enable_ipv6': toBoolean,
  'volumes.*.external': toBoolean,
  'secrets.*.external': toBoolean,
  'configs.*.external': toBoolean,
});

// A long variable may be used in every line.
const maxGrowth = 16 * 1024 * 1024;

/** @throws InvalidValue when the file has become too long */
type Spend = (before: string, after: string) => void;
type Context = { readonly lookup: Lookup; readonly spend: Spend };

/** A copy with variables put into every text value, never into keys. What is wrong is told at its place. */
export function interpolateTree(tree: Tree, lookup: Lookup, place: Place): Tree {
  let left = maxGrowth;
  const spend: Spend = (before, after) => {
    left -= after.length - before.length;
    if (left >= 0) return;
    throw new InvalidValue('the variables of this file expand to too much text');
  };
  return walk(tree, { lookup, spend }, () => place, casts);
}

/** Few values are told about: the place of one is made when it is needed. */
type AtPlace = () => Place;

function walk(tree: Tree, context: Context, at: AtPlace, patterns: PatternTree<Cast> | undefined): Tree {
  if (typeof tree === 'string') return interpolateText(tree, context, at, patterns?.rule);
  if (isList(tree)) {
    const list = tree.map((item, index) =>
      walk(item, context, () => at().at(index), descend(patterns, index)),
    );
    inheritSources(tree, list);
    return list;
  }
  if (!isMap(tree)) return tree;
  const map = Object.create(null) as TreeMap;
  for (const key of Object.keys(tree)) {
    map[key] = walk(tree[key] ?? null, context, () => at().at(key), descend(patterns, key));
  }
  inheritSources(tree, map);
  return map;
}

function interpolateText(text: string, context: Context, at: AtPlace, cast: Cast | undefined): Tree {
  if (!text.includes('$') && cast === undefined) return text;
  const place = at();
  const onUnset = (name: string) =>
    place.warn(
      `the "${name}" variable is not set, defaulting to a blank string`,
      `write \${${name}:-} if that is meant`,
    );
  return (
    place.attempt(() => {
      const value = text.includes('$') ? interpolate(text, context.lookup, { onUnset }) : text;
      context.spend(text, value);
      return cast === undefined ? value : cast(value, place);
    }) ?? null
  );
}

function toInteger(text: string): Tree {
  const value = /^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw castFault(`expected a whole number, found "${text.slice(0, 80)}"`);
}

function toFloat(text: string): Tree {
  const value = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw castFault(`expected a number, found "${text.slice(0, 80)}"`);
}

const words: Readonly<Record<string, boolean>> = {
  y: true,
  yes: true,
  on: true,
  n: false,
  no: false,
  off: false,
};

function toBoolean(text: string, place: Place): Tree {
  const word = text.toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true';
  const value = words[word];
  if (value === undefined) throw castFault(`invalid boolean: "${text.slice(0, 80)}"`);
  place.warn(`"${text}" for boolean is not supported by YAML 1.2`, `write ${value}`);
  return value;
}

function castFault(message: string): InvalidValue {
  return new InvalidValue(message, 'a variable must give such a value too');
}
