import type { DesiredFleet } from '#domain/desired.ts';
import type { FileTree, TreeEntry } from '#domain/file-tree.ts';
import { hasErrors, type Problem } from '#domain/problem.ts';
import { createAppFiles } from './app-files.ts';
import type { FleetDocument, FleetSpec, Variables } from './documents.ts';
import type { ManifestLimits } from './manifest-limits.ts';
import { createPlace, type Place } from './place.ts';
import { readDocument } from './read-document.ts';
import { type Drift, defaultDrift, resolveDrift } from './resolve-drift.ts';
import { defaultHealth, type HealthDefaults, resolveTimes } from './resolve-health.ts';
import { defaultRollout, type RolloutOptions, resolveRollout } from './resolve-rollout.ts';
import { defaultSubdomainPattern } from './routes/default-host.ts';
import { hideSecrets } from './routes/hide-secrets.ts';
import { parseHost } from './routes/host-name.ts';
import type { ProxyDocument } from './routes/proxy-document.ts';
import type { RouteOptionsDocument } from './routes/route-document.ts';
import type { SourceDocument } from './yaml/source-document.ts';

export const fleetFileName = 'fleet.yaml';

/** What every app starts from. */
export type Fleet = {
  readonly desired: DesiredFleet;
  readonly variables: Variables;
  readonly drift: Drift;
  readonly rollout: RolloutOptions;
  readonly health: HealthDefaults;
  readonly routes: RouteOptionsDocument;
  readonly subdomainPattern: string;
  /** As it is written: what it refers to lies in other files. */
  readonly proxy: ProxyDocument;
  readonly document: SourceDocument;
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
    const defaults = { rollout: defaultRollout, health: defaultHealth };
    return { kind: 'loaded', fleet: toFleet({}, defaults, nowhere) };
  }
  const files = createAppFiles(tree, '', limits.maxFileBytes);
  const read = await readDocument(files, fleetFileName, { file: fleetFileName, schema: 'fleet', limits });
  if (read.kind === 'faulty') return { kind: 'invalid', problems: read.problems.map(hideSecrets) };

  const problems: Problem[] = [];
  const spec = (read.document.value as FleetDocument).spec ?? {};
  const place = createPlace(read.document, ['spec'], problems);
  const defaults = place.at('defaults');
  const rollout = resolveRollout(spec.defaults?.rollout, defaultRollout, defaults.at('rollout'));
  const health = resolveTimes(spec.defaults?.health ?? {}, defaultHealth, defaults.at('health'));
  checkDomain(spec, place);
  return hasErrors(problems)
    ? { kind: 'invalid', problems }
    : { kind: 'loaded', fleet: toFleet(spec, { rollout, health }, read.document) };
}

function checkDomain({ domain, subdomainPattern }: FleetSpec, place: Place): void {
  if (domain !== undefined) place.at('domain').attempt(() => parseHost(domain));
  if (domain?.startsWith('*')) place.at('domain').error('is no wildcard: names are put before it');
  const filled = subdomainPattern?.replaceAll(/\{(?:app|stage)\}/g, 'x');
  if (filled !== undefined) place.at('subdomainPattern').attempt(() => parseHost(filled));
}

const nowhere: SourceDocument = { file: fleetFileName, value: {}, locate: () => undefined };

function toFleet(
  spec: FleetSpec,
  defaults: Pick<Fleet, 'rollout' | 'health'>,
  document: SourceDocument,
): Fleet {
  return {
    desired: {
      ...(spec.domain !== undefined && { domain: spec.domain.toLowerCase() }),
      ...(spec.network !== undefined && { network: spec.network }),
      allowEmpty: spec.allowEmpty ?? false,
    },
    variables: spec.variables ?? {},
    drift: resolveDrift([spec.defaults?.drift], defaultDrift),
    ...defaults,
    routes: spec.defaults?.routes ?? {},
    subdomainPattern: spec.subdomainPattern ?? defaultSubdomainPattern,
    proxy: spec.proxy ?? {},
    document,
  };
}
