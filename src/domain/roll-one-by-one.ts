// Several replicas of one service: while one of them is replaced, the others serve.
import { hasGivenName, isRetiredName } from './container-names.ts';
import { holdBack, type PlanPart } from './plan-part.ts';
import { planReplica } from './plan-replica.ts';
import type { Replica } from './replica.ts';
import { isActive } from './replica-steps.ts';

/**
 * One is replaced at a time; those that are new are made at once. Where a replacement has begun, it comes first, even if
 * nothing can be done about it at the moment, then what does not serve anyhow: another one would be out of service
 * beside it.
 */
export function rollOneByOne(replicas: readonly Replica[]): readonly PlanPart[] {
  const rolled = replicas.map((replica) => ({
    part: planReplica(replica),
    hasBegun: hasBegun(replica),
    serves: serves(replica),
  }));
  const first =
    rolled.find((each) => each.hasBegun) ??
    rolled.find((each) => isReplacing(each.part) && !each.serves) ??
    rolled.find((each) => isReplacing(each.part) || isUnknown(each.part));
  if (first === undefined) return rolled.map(({ part }) => part);
  const after = `replica ${rolled.indexOf(first) + 1} is replaced`;
  return rolled.map((each) =>
    each === first || each.hasBegun || !isReplacing(each.part) ? each.part : holdBack(each.part, after),
  );
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
function hasBegun(replica: Replica): boolean {
  const named = replica.containers.filter(hasGivenName);
  const candidates = named.filter((each) => each.name !== replica.canonicalName && !isRetiredName(each));
  return named.length > 1 && candidates.some((each) => isActive(each) || !serves(replica));
}

function serves({ containers, canonicalName }: Replica): boolean {
  return containers.some((each) => each.name === canonicalName && isActive(each));
}
