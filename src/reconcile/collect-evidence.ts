import type { Evidence } from '#domain/history.ts';
import type { ObservedHost } from '#domain/observed.ts';
import type { Finding } from '#domain/plan.ts';
import type { ProbeResult } from '#domain/probe.ts';
import type { Engine } from '#ports/engine.ts';

type Failed = Extract<Finding, { kind: 'failed' }>;

const logLineCount = 200;
const deadlineMs = 6_000;

/** What there is to see of a version that failed, before its container goes. What cannot be had is left out. */
export async function collectEvidence(
  { container, hold }: Failed,
  scene: {
    readonly stack: string;
    readonly observed: ObservedHost | undefined;
    readonly atMs: number;
    readonly probe: ProbeResult | undefined;
  },
  engine: Pick<Engine, 'readLogs'>,
  signal: AbortSignal,
): Promise<Evidence> {
  const found = scene.observed?.containers.find(({ id }) => id === container.id);
  const { details, exitCode } = found ?? {};
  // What Docker's own check said tells more than that ours has not been passed yet, too.
  const probeOutput = details?.healthOutput || (scene.probe?.ok === false ? scene.probe.output : '');
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const logLines = await engine.readLogs(container.id, logLineCount, deadline).catch(() => []);
  return {
    stack: scene.stack,
    service: hold.service,
    generation: hold.generation,
    container: container.name,
    atMs: scene.atMs,
    reason: hold.message,
    ...(exitCode !== undefined && { exitCode }),
    ...(details?.oomKilled === true && { oomKilled: true }),
    ...(probeOutput !== '' && { probeOutput }),
    logLines,
  };
}
