import type { DesiredFleet } from '#domain/desired.ts';
import type { FileTree, TreeEntry } from '#domain/file-tree.ts';
import { hasErrors, type Problem } from '#domain/problem.ts';
import { createAppFiles } from './app-files.ts';
import type { FleetDocument, FleetSpec, Variables } from './documents.ts';
import type { ManifestLimits } from './manifest-limits.ts';
import { createPlace } from './place.ts';
import { readDocument } from './read-document.ts';
import { type Drift, defaultDrift, resolveDrift } from './resolve-drift.ts';
import { defaultHealth, type HealthDefaults, resolveTimes } from './resolve-health.ts';
import { defaultRollout, type RolloutOptions, resolveRollout } from './resolve-rollout.ts';

export const fleetFileName = 'fleet.yaml';

/** What every app starts from. */
export type Fleet = {
  readonly desired: DesiredFleet;
  readonly variables: Variables;
  readonly drift: Drift;
  readonly rollout: RolloutOptions;
  readonly health: HealthDefaults;
};

export type LoadedFleet =
  | { readonly kind: 'loaded'; readonly fleet: Fleet }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** No fleet.yaml is a fleet of defaults. */
export async function loadFleet(
  tree: FileTree,
  entry: TreeEntry | undefined,
  limits: ManifestLimits,
): Promise<LoadedFleet> {
  if (entry === undefined) {
    return { kind: 'loaded', fleet: toFleet({}, { rollout: defaultRollout, health: defaultHealth }) };
  }
  const files = createAppFiles(tree, '', limits.maxFileBytes);
  const read = await readDocument(files, fleetFileName, { file: fleetFileName, schema: 'fleet', limits });
  if (read.kind === 'faulty') return { kind: 'invalid', problems: read.problems };

  const problems: Problem[] = [];
  const spec = (read.document.value as FleetDocument).spec ?? {};
  const place = createPlace(read.document, ['spec', 'defaults'], problems);
  const rollout = resolveRollout(spec.defaults?.rollout, defaultRollout, place.at('rollout'));
  const health = resolveTimes(spec.defaults?.health ?? {}, defaultHealth, place.at('health'));
  return hasErrors(problems)
    ? { kind: 'invalid', problems }
    : { kind: 'loaded', fleet: toFleet(spec, { rollout, health }) };
}

function toFleet(spec: FleetSpec, defaults: Pick<Fleet, 'rollout' | 'health'>): Fleet {
  return {
    desired: {
      ...(spec.network !== undefined && { network: spec.network }),
      allowEmpty: spec.allowEmpty ?? false,
    },
    variables: spec.variables ?? {},
    drift: resolveDrift([spec.defaults?.drift], defaultDrift),
    ...defaults,
  };
}
