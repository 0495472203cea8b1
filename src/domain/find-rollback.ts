// Which generation of a service a rollback goes back to.
import type { DesiredService, DesiredStack } from './desired.ts';
import type { RecordedGeneration } from './history.ts';
import type { Override, RollbackTarget } from './history-overrides.ts';

export type Choice = { readonly service: DesiredService; readonly target: RollbackTarget };

type Present = {
  readonly service: DesiredService;
  readonly isRolledBack: boolean;
  /** Undefined: it was never made, so it is the newest change of all. */
  readonly record: RecordedGeneration | undefined;
  /** The last that was ready before it. */
  readonly before: RecordedGeneration | undefined;
};

/**
 * Without a version that people name: what the last change changed goes back to what was ready before it. A service
 * that it left alone stays, however old its own last change is. What is rolled back already goes back one further.
 */
export function chooseLastReady(
  stack: DesiredStack,
  generations: readonly RecordedGeneration[],
  overrides: readonly Override[],
): readonly Choice[] {
  const presents = stack.services.map((service) => toPresent(service, generations, overrides));
  const rolledBack = presents.filter(({ isRolledBack }) => isRolledBack);
  const changed = rolledBack.length > 0 ? rolledBack : listLastChanged(presents);
  return changed.flatMap(({ service, before }) =>
    before === undefined ? [] : [{ service, target: toTarget(service, before) }],
  );
}

/** What was found for the version that people named, where it is not what Git wants anyway. */
export function chooseNamed(
  stack: DesiredStack,
  named: readonly RecordedGeneration[],
  generations: readonly RecordedGeneration[],
): readonly Choice[] {
  return stack.services.flatMap((service) => {
    const found = named.find((each) => each.service === service.name);
    const wanted = findRecord(service, service.generation, undefined, generations);
    const isWanted = found?.generation === service.generation && found.imageId === wanted?.imageId;
    return found === undefined || isWanted ? [] : [{ service, target: toTarget(service, found) }];
  });
}

function toPresent(
  service: DesiredService,
  generations: readonly RecordedGeneration[],
  overrides: readonly Override[],
): Present {
  const target = overrides.find(
    (each) => each.kind === 'rolled-back' && each.service === service.name,
  )?.target;
  const record = findRecord(service, target?.generation ?? service.generation, target?.imageId, generations);
  const before = generations.find(
    (each) =>
      each.service === service.name &&
      each.readyAtMs !== undefined &&
      each !== record &&
      (record === undefined || each.id < record.id),
  );
  return { service, isRolledBack: target !== undefined, record, before };
}

/** `generations` has what was applied last first. */
function findRecord(
  { name }: DesiredService,
  generation: string,
  imageId: string | undefined,
  generations: readonly RecordedGeneration[],
): RecordedGeneration | undefined {
  return generations.find(
    (each) =>
      each.service === name &&
      each.generation === generation &&
      (imageId === undefined || each.imageId === imageId),
  );
}

function listLastChanged(presents: readonly Present[]): readonly Present[] {
  const unmade = presents.filter(({ record }) => record === undefined);
  if (unmade.length > 0) return unmade;
  const [newest] = presents.toSorted((a, b) => (b.record?.id ?? 0) - (a.record?.id ?? 0));
  return presents.filter(({ record }) => record?.revision === newest?.record?.revision);
}

function toTarget({ generation: declared }: DesiredService, found: RecordedGeneration): RollbackTarget {
  const { generation, imageId, specHash, image, digests, spec } = found;
  const [digest] = digests;
  return {
    generation,
    imageId,
    specHash,
    image,
    declared,
    stored: spec,
    ...(digest !== undefined && { digest }),
  };
}
