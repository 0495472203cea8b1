import { formatTree } from '../../tree/format-tree.ts';
import { isList, isMap, mapAt, type TreeMap } from '../../tree/tree.ts';
import type { Variables } from './reading.ts';

/** Where the value of a config or secret from a variable is kept. Never printed. */
export const valueKey = 'x-#value';

/**
 * Takes what is named without a value from the variables of the directory that names it: an included
 * directory has its own. Changes the tree.
 */
export function takeValues(tree: TreeMap, variables: Variables): void {
  for (const service of Object.values(mapAt(tree, 'services') ?? {})) {
    const environment = isMap(service) ? service['environment'] : undefined;
    if (!isList(environment)) continue;
    for (const [index, name] of environment.entries()) {
      const value = typeof name === 'string' ? variables.get(name) : undefined;
      if (value !== undefined) environment[index] = `${formatTree(name)}=${value}`;
    }
  }
  for (const section of ['configs', 'secrets']) {
    for (const resource of Object.values(mapAt(tree, section) ?? {})) {
      const name = isMap(resource) ? resource['environment'] : undefined;
      const value = typeof name === 'string' ? variables.get(name) : undefined;
      if (isMap(resource) && value !== undefined) resource[valueKey] = value;
    }
  }
}
