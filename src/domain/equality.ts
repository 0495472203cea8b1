import { isUpdatable } from './needs-new-container.ts';
import type { Difference } from './plan.ts';

/** What an engine has shown: made of this generation, the container would come out as it is. */
export type ShownEqual = {
  /** Of the spec's hash. */
  readonly generation: string;
  /** Limits by which it seemed to differ at that time. Of all else, nothing can change while the container stays. */
  readonly limits: readonly string[];
};

export type Equality = ShownEqual & {
  readonly containerId: string;
  /** Another version may fill in other defaults: `20.10.24 (API 1.41)`. */
  readonly engine: string;
};

export function toShownLimits(differences: readonly Difference[]): readonly string[] {
  return differences.filter(isUpdatable).map(toShownLimit);
}

/** Whether somebody has given it another limit since: of that, the engine has shown nothing. */
export function isChangedSince({ limits }: ShownEqual, difference: Difference): boolean {
  return isUpdatable(difference) && !limits.includes(toShownLimit(difference));
}

function toShownLimit({ path, found }: Difference): string {
  return `${path}: ${found}`;
}
