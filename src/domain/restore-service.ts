// A service as it was in an earlier generation: its spec of then, on its image of then. How many there are, what
// it depends on and how it is rolled out is as declared today.
import type { ContainerSpec } from './container-spec.ts';
import type { DesiredService } from './desired.ts';
import type { RollbackTarget } from './history-overrides.ts';
import { restoreSpec } from './history-spec.ts';

export type RestoredService =
  | { readonly kind: 'restored'; readonly service: DesiredService }
  /** What nobody has any more, as `environment.TOKEN`. */
  | { readonly kind: 'incomplete'; readonly missing: readonly string[] };

export type SpecHasher = (
  spec: ContainerSpec,
) => Pick<DesiredService, 'generation' | 'specHash' | 'coreHash' | 'filesHash'>;

/** What was withheld from the history is taken from the declaration of today and from `sources`. */
export function restoreService(
  declared: DesiredService,
  target: RollbackTarget,
  { sources, hashSpec }: { readonly sources: readonly ContainerSpec[]; readonly hashSpec: SpecHasher },
): RestoredService {
  const isRight = (spec: ContainerSpec) => hashSpec(spec).specHash === target.specHash;
  const restored = restoreSpec(target.stored, [declared.spec, ...sources], isRight);
  if (restored.kind === 'incomplete') return restored;
  const { build: _, filesHash: __, ...rest } = declared;
  const { spec } = restored;
  const { coreHash, filesHash } = hashSpec(spec);
  const { generation, specHash, imageId, digest } = target;
  return {
    kind: 'restored',
    service: {
      ...rest,
      spec,
      // Those of then: an upgrade may have changed how they are computed, and containers carry the old ones.
      generation,
      specHash,
      coreHash,
      ...(filesHash !== undefined && { filesHash }),
      pullPolicy: 'missing',
      pinned: { imageId, ...(digest !== undefined && { digest }) },
    },
  };
}
