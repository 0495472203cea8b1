import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, type ExecResult } from '#ports/engine.ts';
import type { DockerClient } from './docker-client.ts';
import { toPlainOutput } from './plain-output.ts';
import { parseRecord } from './wire.ts';

const maxOutputBytes = 16 * 1024;
/** For a caller that set none itself. */
const longestRunMs = 300_000;
const looks = 20;
const pauseMs = 50;

/** @throws EngineError */
export async function execInContainer(
  client: DockerClient,
  containerId: string,
  { command, signal }: { readonly command: readonly string[]; readonly signal: AbortSignal },
): Promise<ExecResult> {
  const created = await client.call({
    operation: 'create-exec',
    method: 'POST',
    path: `/containers/${encodeURIComponent(containerId)}/exec`,
    body: { Cmd: command, AttachStdout: true, AttachStderr: true },
    signal,
  });
  const { Id: id = '' } = parseRecord<{ Id?: string }>('a new exec', created);
  const path = `/exec/${encodeURIComponent(id)}`;
  const output = await client.callStream(
    {
      operation: 'start-exec',
      method: 'POST',
      path: `${path}/start`,
      body: { Detach: false, Tty: false },
      deadlineMs: longestRunMs,
      signal,
    },
    readBeginning,
  );
  return { exitCode: await fetchExitCode(client, path, signal), output: toPlainOutput(output).trim() };
}

/** The end of the output is the end of the command, so it is read even where it is not kept. */
async function readBeginning(body: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (bytes < maxOutputBytes) chunks.push(chunk.subarray(0, maxOutputBytes - bytes));
    bytes += chunk.length;
  }
  return Buffer.concat(chunks);
}

/** The output ends a moment before the engine knows how the command ended. */
async function fetchExitCode(client: DockerClient, path: string, signal: AbortSignal): Promise<number> {
  for (let look = 0; look < looks; look += 1) {
    const answer = await client.call({
      operation: 'inspect-exec',
      method: 'GET',
      path: `${path}/json`,
      signal,
    });
    const { Running, ExitCode } = parseRecord<{ Running?: boolean; ExitCode?: number | null }>(
      'an exec',
      answer,
    );
    if (Running !== true && typeof ExitCode === 'number') return ExitCode;
    await sleep(pauseMs, undefined, { signal });
  }
  throw new EngineError('ENGINE_FAILED', 'inspect-exec: the engine does not say how the command ended');
}
