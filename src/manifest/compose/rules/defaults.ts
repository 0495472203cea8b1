import { formatTree } from '../../tree/format-tree.ts';
import { isList, isMap, type Tree, type TreeMap } from '../../tree/tree.ts';
import { compilePatterns, descend, type PatternTree } from '../../tree/tree-pattern.ts';

type Default = (value: TreeMap) => void;

const defaults = compilePatterns<Default>({
  'services.*.build': (build) => void (build['context'] ??= '.'),
  'services.*.secrets.*': (secret) =>
    void (secret['target'] ??= `/run/secrets/${formatTree(secret['source'])}`),
  'services.*.ports.*': setPortDefaults,
  'services.*.deploy.resources.reservations.devices.*': setDeviceDefaults,
  'services.*.gpus.*': setDeviceDefaults,
});

/** What Compose fills in where nothing is said. Changes the tree. */
export function setDefaults(tree: Tree): void {
  walk(tree, defaults);
}

function walk(tree: Tree, patterns: PatternTree<Default> | undefined): void {
  if (patterns === undefined) return;
  if (isMap(tree)) {
    patterns.rule?.(tree);
    for (const [key, value] of Object.entries(tree)) walk(value, descend(patterns, key));
  } else if (isList(tree)) {
    for (const [index, value] of tree.entries()) walk(value, descend(patterns, index));
  }
}

function setPortDefaults(port: TreeMap): void {
  port['protocol'] ??= 'tcp';
  port['mode'] ??= 'ingress';
}

function setDeviceDefaults(device: TreeMap): void {
  if (device['count'] === undefined && device['device_ids'] === undefined) device['count'] = 'all';
}
