import { once } from 'node:events';
import { connect } from 'node:net';
import type { ProbeAnswer, ProbeCheck } from '#domain/probe.ts';
import { describeCheck } from './describe-failure.ts';

type TcpCheck = Extract<ProbeCheck, { kind: 'tcp' }>;

/** @throws when nothing takes the connection */
export async function probeTcp(check: TcpCheck, address: string, signal: AbortSignal): Promise<ProbeAnswer> {
  const socket = connect({ host: address, port: check.port });
  try {
    await once(socket, 'connect', { signal });
    return { ok: true, output: `${describeCheck({ check, address })} takes connections` };
  } finally {
    // What comes after the answer is of no interest, but unheard it would end the process.
    socket.on('error', () => undefined);
    socket.destroy();
  }
}
