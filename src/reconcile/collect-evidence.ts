import type { Evidence } from '#domain/history.ts';
import type { ObservedHost } from '#domain/observed.ts';
import type { Finding } from '#domain/plan.ts';
import type { ProbeResult } from '#domain/probe.ts';
import type { Engine } from '#ports/engine.ts';

type Failed = Extract<Finding, { kind: 'failed' | 'hook-failed' }>;

const logLineCount = 200;
const deadlineMs = 6_000;

/** What there is to see of a version that failed, before its container goes. What cannot be had is left out. */
export async function collectEvidence(
  finding: Failed,
  scene: {
    readonly stack: string;
    readonly observed: ObservedHost | undefined;
    readonly atMs: number;
    readonly probe: ProbeResult | undefined;
  },
  engine: Pick<Engine, 'readLogs'>,
  signal: AbortSignal,
): Promise<Evidence> {
  const { container } = finding;
  const found = scene.observed?.containers.find(({ id }) => id === container.id);
  const { details, exitCode } = found ?? {};
  // What Docker's own check said tells more than that ours has not been passed yet, too.
  const probeOutput = details?.healthOutput || (scene.probe?.ok === false ? scene.probe.output : '');
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const logLines = await engine.readLogs(container.id, logLineCount, deadline).catch(() => []);
  return {
    stack: scene.stack,
    ...toVersion(finding),
    container: container.name,
    atMs: scene.atMs,
    ...(exitCode !== undefined && { exitCode }),
    ...(details?.oomKilled === true && { oomKilled: true }),
    ...(probeOutput !== '' && { probeOutput }),
    logLines,
  };
}

/** A hook is kept under its own name: no service can be called like it. */
function toVersion(finding: Failed): Pick<Evidence, 'service' | 'generation' | 'reason'> {
  if (finding.kind === 'failed') {
    const { service, generation, message } = finding.hold;
    return { service, generation, reason: message };
  }
  return { service: `hook:${finding.hook}`, generation: finding.generation, reason: finding.message };
}
