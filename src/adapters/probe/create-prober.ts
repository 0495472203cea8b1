import PQueue from 'p-queue';
import type { ProbeAnswer, ProbeRequest } from '#domain/probe.ts';
import type { Engine } from '#ports/engine.ts';
import type { Prober } from '#ports/prober.ts';
import { describeFailure } from './describe-failure.ts';
import { probeExec } from './probe-exec.ts';
import { probeHttp } from './probe-http.ts';
import { probeMqtt } from './probe-mqtt.ts';
import { probeTcp } from './probe-tcp.ts';

const concurrency = 16;

/** An attempt's time counts from when it is begun: waiting for its turn is no fault of the container. */
export function createProber(engine: Pick<Engine, 'exec'>): Prober {
  const queue = new PQueue({ concurrency });
  return {
    probe: (request, signal) => queue.add(() => attempt(request, engine, signal)),
  };
}

async function attempt(
  request: ProbeRequest,
  engine: Pick<Engine, 'exec'>,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  try {
    either.throwIfAborted();
    return await ask(request, engine, either);
  } catch (error) {
    return { ok: false, output: describeFailure(request, error, deadline.aborted) };
  }
}

/** @throws whatever the connection, or the engine, fails with */
function ask(
  { check, container, address = '' }: ProbeRequest,
  engine: Pick<Engine, 'exec'>,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  if (check.kind === 'exec') return probeExec(check, { engine, containerId: container.id, signal });
  if (address === '') {
    throw new Error('it has no address of its own: ask it with exec, or by its own health check');
  }
  switch (check.kind) {
    case 'http':
      return probeHttp(check, address, signal);
    case 'tcp':
      return probeTcp(check, address, signal);
    case 'mqtt':
      return probeMqtt(check, address, signal);
  }
}
