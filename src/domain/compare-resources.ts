import type { Resources } from './container-spec.ts';

/** What the engine changes while a container runs. It takes zero as "leave it", so that no limit can be lifted. */
export function canUpdateResources(found: Resources | undefined, wanted: Resources): boolean {
  if (found === undefined) return true;
  return liftable.every((key) => !isLimit(found[key]) || isLimit(wanted[key]));
}

const liftable = ['memoryBytes', 'memoryReservationBytes', 'nanoCpus'] as const;

function isLimit(value: number | undefined): boolean {
  return value !== undefined && value > 0;
}
