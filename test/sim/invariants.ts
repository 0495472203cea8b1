// The promises of the house, as predicates over one call: what may be done to the world as it is. Told what is wrong,
// or nothing. They are written from what people want, and share no code with the planner.
import {
  containersDoNotPileUp,
  foreignThingsAreNotTouched,
  massChangesAreApproved,
  onlyWhatIsInactiveIsEndedAsSuch,
  pruningIsGuarded,
  volumesAreKept,
  whatIsLeftGoesLast,
  whatWeDidNotNameIsNotEnded,
} from './guard-invariants.ts';
import {
  driftIsUndoneOnlyWhereItMayBe,
  everyCallHasItsCause,
  whatIsDeliveredIsThereAtTheStart,
  whatIsHeldIsNotTriedAgain,
  whatIsStoppedForGoodStaysStopped,
  whatIsSuspendedIsLeftAlone,
  whatOthersAwaitIsThereFirst,
  whatPeopleStoppedStaysStopped,
} from './order-invariants.ts';
import {
  nobodyFindsWhatIsNotReady,
  replicasAreReplacedOneByOne,
  replicasAreStoppedOneByOne,
  whatCannotRunSideBySideDoesNot,
  whatIsReplacedDrains,
  whatIsReplacedIsKept,
  whatServedIsNotRemovedBeforeItsSuccessorIsProven,
  whatServesIsNotTakenAway,
} from './replacing-invariants.ts';
import type { Invariant } from './sight.ts';

/** Judged before a call is done. */
export const invariantsBefore: Readonly<Record<string, Invariant>> = {
  foreignThingsAreNotTouched,
  whatWeDidNotNameIsNotEnded,
  whatServesIsNotTakenAway,
  whatServedIsNotRemovedBeforeItsSuccessorIsProven,
  whatIsReplacedDrains,
  whatIsReplacedIsKept,
  whatIsStoppedForGoodStaysStopped,
  replicasAreReplacedOneByOne,
  replicasAreStoppedOneByOne,
  whatCannotRunSideBySideDoesNot,
  whatIsHeldIsNotTriedAgain,
  whatOthersAwaitIsThereFirst,
  pruningIsGuarded,
  massChangesAreApproved,
  whatIsLeftGoesLast,
  driftIsUndoneOnlyWhereItMayBe,
  whatIsSuspendedIsLeftAlone,
  whatPeopleStoppedStaysStopped,
  whatIsDeliveredIsThereAtTheStart,
  onlyWhatIsInactiveIsEndedAsSuch,
  everyCallHasItsCause,
};

/** Judged when it has been done. */
export const invariantsAfter: Readonly<Record<string, Invariant>> = {
  nobodyFindsWhatIsNotReady,
  volumesAreKept,
  containersDoNotPileUp,
};
