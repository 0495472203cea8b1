// Networks and volumes that differ from their declaration. They carry no hash of it, so whether Git or somebody else
// changed them is known only of a stack that has converged with the very same declaration.
import type { DesiredStack } from './desired.ts';
import { isIgnoredPath } from './ignored-paths.ts';
import type { Difference } from './plan.ts';
import type { PlanContext } from './plan-context.ts';

/** Those that are to be told. With `drift: off` none is: whoever does not look does not see what Git asks, either. */
export function toDrift(
  differences: readonly Difference[],
  { drift: mode, driftIgnore, contentHash }: DesiredStack,
  { appliedContentHash }: PlanContext,
): readonly Difference[] {
  if (mode === 'off') return [];
  return differences
    .filter(({ path }) => !isIgnoredPath(path, driftIgnore))
    .map((each) => ({ ...each, drift: appliedContentHash === contentHash }));
}
