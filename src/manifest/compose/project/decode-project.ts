import type { Place } from '../../place.ts';
import { isMap, mapAt, type TreeMap } from '../../tree/tree.ts';
import { valueKey } from '../load/take-values.ts';
import { byName } from './by-name.ts';
import { type Fields, readFields } from './codec.ts';
import type { ComposeProject } from './compose-project.ts';
import { fileFields, modelFields, networkFields, volumeFields } from './resource-fields.ts';
import { serviceFields } from './service-fields.ts';

export type DecodedProject = {
  readonly project: ComposeProject;
  /** Values of configs and secrets that come from variables, by `configs.<key>` and `secrets.<key>`. */
  readonly values: ReadonlyMap<string, string>;
  /** The attributes at the top that begin with `x-`, as they were written. */
  readonly extensions: Readonly<Record<string, unknown>>;
};

/** The canonical form of a merged and normalized tree. What is wrong in it is told at its place. */
export function decodeProject(tree: TreeMap, name: string, place: Place): DecodedProject {
  const section = (key: string, fields: Fields) => decodeSection(tree, key, fields, place.at(key));
  const project = {
    name,
    services: section('services', serviceFields),
    networks: section('networks', networkFields),
    volumes: section('volumes', volumeFields),
    configs: section('configs', fileFields),
    secrets: section('secrets', fileFields),
    models: section('models', modelFields),
  };
  const extensions = Object.entries(tree).filter(([key]) => key.startsWith('x-'));
  return {
    // The tables of fields say what the types say.
    project: project as ComposeProject,
    values: collectValues(tree),
    extensions: Object.fromEntries(extensions),
  };
}

function decodeSection(
  tree: TreeMap,
  key: string,
  fields: Fields,
  place: Place,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(mapAt(tree, key) ?? {}).map(
    ([name, value]) => [name, readFields(fields, value, place.at(name))] as const,
  );
  return byName(entries);
}

function collectValues(tree: TreeMap): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const section of ['configs', 'secrets']) {
    for (const [key, resource] of Object.entries(mapAt(tree, section) ?? {})) {
      const value = isMap(resource) ? resource[valueKey] : undefined;
      if (typeof value === 'string') values.set(`${section}.${key}`, value);
    }
  }
  return values;
}
