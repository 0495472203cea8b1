import type { DesiredService } from './desired.ts';
import { findProbe, toRun } from './find-probe.ts';
import type { ObservedContainer } from './observed.ts';
import type { Probe, ProbeResult, ProbeResults } from './probe.ts';

/**
 * Whether a container does what it is there for. `stopped` is for those that would have to be started first.
 * `lookAgainAtMs` is when the judgement may change without an event.
 */
export type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'starting'; readonly message: string; readonly lookAgainAtMs: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'stopped' };

export type JudgeScene = {
  readonly nowMs: number;
  /** See `PlanContext`; absent: it never was. */
  readonly clockSetAtMs?: number | undefined;
  readonly probes: ProbeResults;
};

const lookAgainMs = 1_000;

export function judgeReadiness(
  container: ObservedContainer,
  service: DesiredService,
  scene: JudgeScene,
): Readiness {
  const { nowMs } = scene;
  switch (container.state) {
    case 'running':
      return judgeRunning(container, service, scene);
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
  { nowMs, clockSetAtMs = 0, probes }: JudgeScene,
): Readiness {
  const { name, health, details } = container;
  if (service.isJob) return starting(`${name} is running to completion`, nowMs + service.readyDeadlineMs);
  if (health === 'unhealthy') return failed(`${name} is unhealthy${quote(details?.healthOutput)}`);
  const probe = probes === 'all' ? undefined : findProbe(container, service);
  const isAsked = probe !== undefined && probe.check.kind !== 'docker';
  if (health === 'healthy' && !isAsked) return { kind: 'ready' };
  if (details === undefined) return starting(`${name} has just been started`, nowMs + lookAgainMs);
  const ageMs = nowMs - details.startedAtMs;
  if (health === 'starting') {
    // Of what was started before the clock was set, no more is known than how long ago that was.
    return Math.min(ageMs, nowMs - clockSetAtMs) > service.readyDeadlineMs
      ? { kind: 'failed', message: `${name} has not become healthy in ${service.readyDeadlineMs / 1000} s` }
      : starting(`${name} is not healthy yet`, nowMs + lookAgainMs);
  }
  if (isAsked && probes !== 'all') {
    return judgeProbe(container, probe, probes[container.id], { service, nowMs, clockSetAtMs });
  }
  // A start in the future means that the engine's clock is not ours: then age says nothing, running does.
  if (ageMs < service.minReadyMs && ageMs >= 0) {
    const lookAgainAtMs = nowMs + service.minReadyMs - ageMs;
    return starting(`${name} has been running for less than ${service.minReadyMs / 1000} s`, lookAgainAtMs);
  }
  return probe === undefined ? { kind: 'ready' } : failed(`${name} has no health check of its own to go by`);
}

/** An answer counts for the run that gave it. A deadline begins with the first question, whoever's clock tells when. */
function judgeProbe(
  container: ObservedContainer,
  { check, intervalMs }: Probe,
  result: ProbeResult | undefined,
  {
    service,
    nowMs,
    clockSetAtMs,
  }: { readonly service: DesiredService; readonly nowMs: number; readonly clockSetAtMs: number },
): Readiness {
  const { name } = container;
  if (result?.run !== toRun(container)) {
    return starting(`${name} has yet to answer its ${check.kind} check`, nowMs + lookAgainMs);
  }
  if (result.ok) return { kind: 'ready' };
  const seconds = service.readyDeadlineMs / 1000;
  if (Math.min(nowMs - result.sinceMs, nowMs - clockSetAtMs) > service.readyDeadlineMs) {
    return failed(
      `${name} has not passed its ${check.kind} check in ${seconds} s${quoteFirst(result.output)}`,
    );
  }
  const message = `${name} does not pass its ${check.kind} check yet${quoteFirst(result.output)}`;
  const dueAtMs = result.atMs + intervalMs;
  // When it is due it is asked, and the answer is told by itself.
  return starting(message, dueAtMs > nowMs ? dueAtMs : nowMs + lookAgainMs);
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

/** Of a probe's output, the first line says what was seen. */
function quoteFirst(output: string): string {
  return quote(output.split('\n', 1)[0]);
}

function quote(text: string | undefined): string {
  const line = text?.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  return line === '' ? '' : `: ${line}`;
}
