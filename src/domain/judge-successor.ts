import { isRetiredName } from './container-names.ts';
import { describeEnd, judgeReadiness, type Readiness } from './judge-readiness.ts';
import { restartLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import type { Replica } from './replica.ts';
import { findRequest } from './replica-upkeep.ts';
import { isSamePolicy, parseRestartPolicy } from './restart-policy.ts';

/**
 * While there is one to go back to, a version that cannot be started, ends, or is restarted by the engine has
 * failed, however long its last run has lasted.
 */
export function judgeSuccessor(
  chosen: ObservedContainer,
  predecessor: ObservedContainer | undefined,
  replica: Replica,
): Readiness {
  const { service, canonicalName } = replica;
  const readiness = judgeReadiness(chosen, service, replica);
  if (predecessor === undefined || service.isJob || chosen.details === undefined) return readiness;
  const { restartCount, error } = chosen.details;
  const { name, state } = chosen;
  if (isRefused(chosen, replica.refusedStarts)) {
    return { kind: 'failed', message: `${name} could not be started: ${error}` };
  }
  if (restartCount > 0 && state !== 'restarting') {
    const message = `${name} ended${describeEnd(chosen)}, and was restarted ${restartCount} times`;
    return { kind: 'failed', message };
  }
  const isAskedFor = findRequest(replica, chosen) !== undefined;
  if (state === 'exited' && !isAskedFor && endedByItself(chosen, canonicalName)) {
    return { kind: 'failed', message: `${name} ended${describeEnd(chosen)}` };
  }
  return readiness;
}

/** Whether it was made, and its engine does not start it, by no fault of that moment. */
export function isRefused(
  { name, state, details }: ObservedContainer,
  refusedStarts: Replica['refusedStarts'],
): boolean {
  const { error = '' } = details ?? {};
  return state === 'created' && error !== '' && isRefusedForGood(refusedStarts, name) && !wasHindered(error);
}

/** An engine that is being shut down refuses, too, and a port may be let go a moment later: once may be chance. */
function isRefusedForGood(refusedStarts: Replica['refusedStarts'], name: string): boolean {
  return refusedStarts === undefined || (refusedStarts[name] ?? 0) > 1;
}

/**
 * At that moment another container held its port, or the one whose network it shares did not run: their affair, and
 * over when they make room. A port that something else on the host holds is told in other words.
 */
function wasHindered(error: string): boolean {
  return /port is already allocated|cannot join network of a non running|no such container/i.test(error);
}

/**
 * Someone may have stopped what the engine would have started again. Of what it would not, a signal tells the same,
 * and so does a clean end after the gate: it had proved itself, and that is how a restart of the engine looks.
 */
function endedByItself(chosen: ObservedContainer, canonicalName: string): boolean {
  if (isRetiredName(chosen) || isStoppedForGood(chosen) || wasEndedBySignal(chosen)) return false;
  if (chosen.name === canonicalName && chosen.exitCode === 0) return false;
  const policy = chosen.details?.restartPolicy.name ?? 'no';
  return policy === 'no' || policy === '' || (policy === 'on-failure' && chosen.exitCode === 0);
}

/** 128 + SIGKILL or SIGTERM. Want of memory ends a container in the same way, and is the container's own fault. */
function wasEndedBySignal({ exitCode, details }: ObservedContainer): boolean {
  return (exitCode === 137 || exitCode === 143) && details?.oomKilled !== true;
}

/** One whose declared policy was taken from it was stopped for good, by us. */
function isStoppedForGood({ labels, details }: ObservedContainer): boolean {
  const declared = parseRestartPolicy(labels[restartLabel] ?? '');
  const found = details?.restartPolicy;
  return (
    declared !== undefined &&
    found !== undefined &&
    isSamePolicy(found, { name: 'no', maxRetries: 0 }) &&
    !isSamePolicy(found, declared)
  );
}
