import type { DesiredService } from './desired.ts';
import type { ObservedContainer } from './observed.ts';

/**
 * Whether a container does what it is there for. `stopped` is for those that would have to be started first.
 * `lookAgainAtMs` is when the judgement may change without an event.
 */
export type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'starting'; readonly message: string; readonly lookAgainAtMs: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'stopped' };

const lookAgainMs = 1_000;

export function judgeReadiness(
  container: ObservedContainer,
  service: DesiredService,
  nowMs: number,
  clockSetAtMs = 0,
): Readiness {
  switch (container.state) {
    case 'running':
      return judgeRunning(container, service, { nowMs, clockSetAtMs });
    case 'exited':
      return service.isJob ? judgeEndedJob(container) : { kind: 'stopped' };
    case 'restarting':
      return { kind: 'failed', message: `${container.name} keeps restarting${describeEnd(container)}` };
    case 'removing':
      return starting(`${container.name} is being removed`, nowMs + lookAgainMs);
    case 'created':
    case 'paused':
    case 'dead':
      return { kind: 'stopped' };
  }
}

function judgeRunning(
  container: ObservedContainer,
  service: DesiredService,
  { nowMs, clockSetAtMs }: { readonly nowMs: number; readonly clockSetAtMs: number },
): Readiness {
  const { name, health, details } = container;
  if (service.isJob) return starting(`${name} is running to completion`, nowMs + service.readyDeadlineMs);
  if (health === 'healthy') return { kind: 'ready' };
  if (health === 'unhealthy') return failed(`${name} is unhealthy${quote(details?.healthOutput)}`);
  if (details === undefined) return starting(`${name} has just been started`, nowMs + lookAgainMs);
  const ageMs = nowMs - details.startedAtMs;
  if (health === 'starting') {
    // Of what was started before the clock was set, no more is known than how long ago that was.
    return Math.min(ageMs, nowMs - clockSetAtMs) > service.readyDeadlineMs
      ? { kind: 'failed', message: `${name} has not become healthy in ${service.readyDeadlineMs / 1000} s` }
      : starting(`${name} is not healthy yet`, nowMs + lookAgainMs);
  }
  // A start in the future means that the engine's clock is not ours: then age says nothing, running does.
  if (ageMs >= service.minReadyMs || ageMs < 0) return { kind: 'ready' };
  return starting(
    `${name} has been running for less than ${service.minReadyMs / 1000} s`,
    nowMs + service.minReadyMs - ageMs,
  );
}

function judgeEndedJob(container: ObservedContainer): Readiness {
  if (container.exitCode === 0) return { kind: 'ready' };
  return { kind: 'failed', message: `${container.name} ended${describeEnd(container)}` };
}

/** ` with exit code 1, …`, as far as it is known; of one that runs again, how its run before ended. */
export function describeEnd(container: ObservedContainer): string {
  const { lastEnd, oomKilled } = container.details ?? {};
  const exitCode = container.exitCode ?? lastEnd?.exitCode;
  const code = exitCode === undefined ? '' : ` with exit code ${exitCode}`;
  const outOfMemory = oomKilled || lastEnd?.outOfMemory ? ', killed for lack of memory' : '';
  return `${code}${outOfMemory}${quote(container.details?.error)}`;
}

function failed(message: string): Readiness {
  return { kind: 'failed', message };
}

function starting(message: string, lookAgainAtMs: number): Readiness {
  return { kind: 'starting', message, lookAgainAtMs };
}

function quote(text: string | undefined): string {
  const line = text?.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  return line === '' ? '' : `: ${line}`;
}
