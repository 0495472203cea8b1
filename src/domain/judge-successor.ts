import { isRetiredName } from './container-names.ts';
import { judgeReadiness, type Readiness } from './judge-readiness.ts';
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
  const { service, nowMs } = replica;
  const readiness = judgeReadiness(chosen, service, nowMs);
  if (predecessor === undefined || service.isJob || chosen.details === undefined) return readiness;
  const { restartCount, error } = chosen.details;
  const { name, state, exitCode } = chosen;
  if (state === 'created' && error !== '') {
    return { kind: 'failed', message: `${name} could not be started: ${error}` };
  }
  if (restartCount > 0 && state !== 'restarting') {
    return { kind: 'failed', message: `${name} was restarted ${restartCount} times since its start` };
  }
  if (state === 'exited' && findRequest(replica, chosen) === undefined && endedByItself(chosen)) {
    return { kind: 'failed', message: `${name} ended with exit code ${exitCode ?? 'unknown'}` };
  }
  return readiness;
}

/**
 * Someone may have stopped a container that the engine would have started again. One whose declared policy was
 * taken from it was stopped for good, by us.
 */
function endedByItself(chosen: ObservedContainer): boolean {
  if (isRetiredName(chosen) || isStoppedForGood(chosen)) return false;
  const policy = chosen.details?.restartPolicy.name ?? 'no';
  return policy === 'no' || policy === '' || (policy === 'on-failure' && chosen.exitCode === 0);
}

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
