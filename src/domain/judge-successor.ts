import { isRetiredName } from './container-names.ts';
import { describeEnd, judgeReadiness, type Readiness } from './judge-readiness.ts';
import type { ObservedContainer } from './observed.ts';
import type { Replica } from './replica.ts';

/**
 * While there is one to go back to, a version that cannot be started, ends, or is restarted by the engine has
 * failed, however long its last run has lasted.
 */
export function judgeSuccessor(
  chosen: ObservedContainer,
  predecessor: ObservedContainer | undefined,
  { service, nowMs, refusedStarts }: Replica,
): Readiness {
  const readiness = judgeReadiness(chosen, service, nowMs);
  if (predecessor === undefined || service.isJob || chosen.details === undefined) return readiness;
  const { restartCount, error } = chosen.details;
  const { name, state } = chosen;
  if (state === 'created' && error !== '' && isRefusedForGood(refusedStarts, name)) {
    return { kind: 'failed', message: `${name} could not be started: ${error}` };
  }
  if (restartCount > 0 && state !== 'restarting') {
    const message = `${name} ended${describeEnd(chosen)}, and was restarted ${restartCount} times`;
    return { kind: 'failed', message };
  }
  if (state === 'exited' && endedByItself(chosen)) {
    return { kind: 'failed', message: `${name} ended${describeEnd(chosen)}` };
  }
  return readiness;
}

/** An engine that is being shut down refuses, too, and a port may be let go a moment later: once may be chance. */
function isRefusedForGood(refusedStarts: Replica['refusedStarts'], name: string): boolean {
  return refusedStarts === undefined || (refusedStarts[name] ?? 0) > 1;
}

/** Someone may have stopped a container that the engine would have started again. */
function endedByItself(chosen: ObservedContainer): boolean {
  if (isRetiredName(chosen)) return false;
  const policy = chosen.details?.restartPolicy.name ?? 'no';
  return policy === 'no' || policy === '' || (policy === 'on-failure' && chosen.exitCode === 0);
}
