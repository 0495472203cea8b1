// What a schema cannot say: attributes that exclude each other, addresses.
import type { Place } from '../../place.ts';
import { isIpAddress } from '../../text/ip-address.ts';
import { isList, isMap, type Tree, type TreeMap } from '../../tree/tree.ts';
import { compilePatterns, descend, type PatternTree } from '../../tree/tree-pattern.ts';

type Check = (value: TreeMap, place: Place) => void;

const checks = compilePatterns<Check>({
  'volumes.*': checkExternal,
  'configs.*': checkContent('file', 'environment', 'content'),
  'secrets.*': checkContent('file', 'environment'),
  'services.*.ports.*': checkAddress,
  'services.*.develop.watch.*': checkWatch,
  'services.*.deploy.resources.reservations.devices.*': checkDevice,
  'services.*.gpus.*': checkDevice,
});

export function checkTree(tree: Tree, place: Place): void {
  walk(tree, place, checks);
}

function walk(tree: Tree, place: Place, patterns: PatternTree<Check> | undefined): void {
  if (patterns === undefined) return;
  if (isMap(tree)) {
    patterns.rule?.(tree, place);
    for (const [key, value] of Object.entries(tree)) walk(value, place.at(key), descend(patterns, key));
  } else if (isList(tree)) {
    for (const [index, value] of tree.entries()) walk(value, place.at(index), descend(patterns, index));
  }
}

function checkExternal(value: TreeMap, place: Place): void {
  if (value['external'] !== true) return;
  for (const key of Object.keys(value)) {
    if (key === 'name' || key === 'external' || key.startsWith('x-')) continue;
    place.at(key).error(`conflicting parameters "external" and "${key}" specified`, 'remove one of them');
  }
}

function checkContent(...keys: readonly string[]): Check {
  return (value, place) => {
    const given = keys.filter((key) => value[key] !== undefined);
    if (given.length > 1) {
      place.error(`${keys.join('|')} attributes are mutually exclusive`, 'keep one of them');
    }
    if (given.length > 0 || value['driver'] !== undefined || value['external'] !== undefined) return;
    place.error(`one of ${keys.join('|')} must be set`);
  };
}

function checkAddress(port: TreeMap, place: Place): void {
  const { host_ip: address } = port;
  if (typeof address !== 'string' || isIpAddress(address)) return;
  place.at('host_ip').error(`invalid ip address: ${address}`);
}

function checkWatch(watch: TreeMap, place: Place): void {
  if (watch['path'] === '') place.at('path').error("value can't be blank");
}

function checkDevice(device: TreeMap, place: Place): void {
  if (device['count'] === undefined || device['device_ids'] === undefined) return;
  place.error('"count" and "device_ids" attributes are exclusive', 'keep one of them');
}
