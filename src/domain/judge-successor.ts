import { isRetiredName } from './container-names.ts';
import { judgeReadiness, type Readiness } from './judge-readiness.ts';
import type { ObservedContainer } from './observed.ts';
import type { Replica } from './replica.ts';

/**
 * While there is one to go back to, a version that cannot be started, ends, or is restarted by the engine has
 * failed, however long its last run has lasted.
 */
export function judgeSuccessor(
  chosen: ObservedContainer,
  predecessor: ObservedContainer | undefined,
  replica: Replica,
): Readiness {
  const { service } = replica;
  const readiness = judgeReadiness(chosen, service, replica);
  if (predecessor === undefined || service.isJob || chosen.details === undefined) return readiness;
  const { restartCount, error } = chosen.details;
  const { name, state, exitCode } = chosen;
  if (state === 'created' && error !== '') {
    return { kind: 'failed', message: `${name} could not be started: ${error}` };
  }
  if (restartCount > 0 && state !== 'restarting') {
    return { kind: 'failed', message: `${name} was restarted ${restartCount} times since its start` };
  }
  if (state === 'exited' && endedByItself(chosen)) {
    return { kind: 'failed', message: `${name} ended with exit code ${exitCode ?? 'unknown'}` };
  }
  return readiness;
}

/** Someone may have stopped a container that the engine would have started again. */
function endedByItself(chosen: ObservedContainer): boolean {
  if (isRetiredName(chosen)) return false;
  const policy = chosen.details?.restartPolicy.name ?? 'no';
  return policy === 'no' || policy === '' || (policy === 'on-failure' && chosen.exitCode === 0);
}
