import type { DockerClient } from './docker-client.ts';
import { toPlainOutput } from './plain-output.ts';
import { readBytes } from './read-body.ts';

const deadlineMs = 5_000;
const maxLogBytes = 4 * 1024 * 1024;

/** The last lines that a container wrote, oldest first. @throws EngineError */
export async function readLogs(
  client: DockerClient,
  containerId: string,
  lines: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const path = `/containers/${encodeURIComponent(containerId)}/logs`;
  const query = { stdout: '1', stderr: '1', tail: String(lines) };
  const body = await client.callStream(
    { operation: 'logs', method: 'GET', path, query, deadlineMs, signal },
    (response) => readBytes(response, maxLogBytes),
  );
  return toLines(body).slice(-lines);
}

function toLines(body: Buffer): readonly string[] {
  return toPlainOutput(body)
    .split(/\r?\n/)
    .filter((line) => line !== '');
}
