import type { ProbeAnswer, ProbeCheck } from '#domain/probe.ts';
import type { Engine } from '#ports/engine.ts';

type ExecCheck = Extract<ProbeCheck, { kind: 'exec' }>;

/** @throws EngineError */
export async function probeExec(
  { command }: ExecCheck,
  target: {
    readonly engine: Pick<Engine, 'exec'>;
    readonly containerId: string;
    readonly signal: AbortSignal;
  },
): Promise<ProbeAnswer> {
  const { exitCode, output } = await target.engine.exec(target.containerId, command, target.signal);
  const said = `${command[0] ?? ''} ended with exit code ${exitCode}`;
  // The last line of an error is mostly the one that says what is wrong.
  const [last = ''] = output.split('\n').slice(-1);
  const first = last === '' ? said : `${said}: ${last.trim()}`;
  return { ok: exitCode === 0, output: output === '' ? said : `${first}\n${output}` };
}
