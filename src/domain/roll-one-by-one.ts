// Several replicas of one service: while one of them is replaced, the others serve.
import { hasGivenName, isRetiredName } from './container-names.ts';
import { holdBack, type PlanPart } from './plan-part.ts';
import { planReplica } from './plan-replica.ts';
import type { Replica } from './replica.ts';
import { isActive } from './replica-steps.ts';

/**
 * One is replaced at a time; those that are new are made at once. Where a replacement has begun, it comes first, even if
 * nothing can be done about it at the moment: another one would be out of service beside it.
 */
export function rollOneByOne(replicas: readonly Replica[]): readonly PlanPart[] {
  const parts = replicas.map((replica) => planReplica(replica));
  const begun = replicas.findIndex(hasBegun);
  const first = begun >= 0 ? begun : parts.findIndex((part) => isReplacing(part) || isUnknown(part));
  return replicas.map((replica, index) => {
    const part = parts[index] as PlanPart;
    const goesOn = index === first || !isReplacing(part) || hasBegun(replica);
    return goesOn ? part : holdBack(part, `replica ${first + 1} is replaced`);
  });
}

function isReplacing({ steps }: PlanPart): boolean {
  return steps.some(({ cause }) => cause.order !== undefined);
}

/** One that cannot be seen may have to be replaced first. */
function isUnknown({ waits }: PlanPart): boolean {
  return waits.some(({ reason }) => reason === 'NotInspected');
}

/**
 * A candidate runs and has not taken over, or the one before it has ended and it is yet to be started. Names and states
 * tell, whatever version it is of: a newer one may have come meanwhile.
 */
function hasBegun({ containers, canonicalName }: Replica): boolean {
  const named = containers.filter(hasGivenName);
  const serves = named.some((each) => each.name === canonicalName && isActive(each));
  return (
    named.length > 1 &&
    named.some((each) => each.name !== canonicalName && !isRetiredName(each) && (isActive(each) || !serves))
  );
}
