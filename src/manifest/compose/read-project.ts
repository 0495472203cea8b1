import { hasErrors } from '#domain/problem.ts';
import type { Place } from '../place.ts';
import { createTreePlace } from '../tree/tree-place.ts';
import { boundReading } from './load/bounded-reading.ts';
import { type LayerFile, loadLayers, refuseEmpty } from './load/load-layers.ts';
import type { Reading } from './load/reading.ts';
import { Unreadable } from './load/unreadable.ts';
import { checkConsistency } from './project/check-consistency.ts';
import type { ComposeProject } from './project/compose-project.ts';
import { decodeProject } from './project/decode-project.ts';
import { normalize } from './project/normalize.ts';
import { resolveServiceFiles } from './project/resolve-service-files.ts';
import { dropUnused, selectServices } from './project/select-services.ts';

export type ReadProject =
  | {
      readonly kind: 'read';
      /** What `docker compose config` prints: only active services, and only what they use. */
      readonly project: ComposeProject;
      /** Contents of configs and secrets that come from variables, by `configs.<key>` and `secrets.<key>`. */
      readonly values: ReadonlyMap<string, string>;
      /** Services that are left out, with their profiles, none of which is chosen. */
      readonly inactive: ReadonlyMap<string, readonly string[]>;
      /** Root of the merged model: `place.at('services', name, …)` tells where something was written. */
      readonly place: Place;
      /** The attributes at the top that begin with `x-`, as they were written. */
      readonly extensions: Readonly<Record<string, unknown>>;
    }
  /** What is wrong stands in the reading's problems. */
  | { readonly kind: 'invalid' };

/** Files of one project, each laid over those before it, read by the rules of Docker Compose. */
export async function readProject(files: readonly LayerFile[], reading: Reading): Promise<ReadProject> {
  try {
    return await read(files, reading);
  } catch (error) {
    if (error instanceof Unreadable) return { kind: 'invalid' };
    throw error;
  }
}

// A project is more than a file, and what is extended is copied.
const maxNodesFactor = 4;

async function read(files: readonly LayerFile[], unbounded: Reading): Promise<ReadProject> {
  const reading = boundReading(unbounded);
  const { problems, projectName, variables, workingDirectory: base } = reading;
  const budget = { left: maxNodesFactor * reading.limits.maxNodes };
  const { tree, last } = await loadLayers(files, { reading, base, variables, including: [], budget });
  if (Object.keys(tree).length === 0) throw refuseEmpty(files, reading);
  const place = createTreePlace(tree, [], problems, last);
  normalize(tree, projectName, variables);
  const { project, values, extensions } = decodeProject(tree, projectName, place);
  if (hasErrors(problems)) return { kind: 'invalid' };
  const selection = selectServices(project, reading.profiles);
  checkConsistency(selection, place);
  const resolved = await resolveServiceFiles(selection.project, reading, place);
  if (hasErrors(problems)) return { kind: 'invalid' };
  return {
    kind: 'read',
    project: dropUnused(resolved),
    values,
    inactive: selection.inactive,
    place,
    extensions,
  };
}
