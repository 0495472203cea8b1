import type { DockerClient } from './docker-client.ts';
import { readBytes } from './read-body.ts';

const deadlineMs = 5_000;
const maxLogBytes = 4 * 1024 * 1024;
const headBytes = 8;

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

/** Without a terminal, both streams come in frames: a head with the length, and so many bytes. */
function toLines(body: Buffer): readonly string[] {
  const isFramed = body.length >= headBytes && body.readUInt8(0) <= 2 && body.readUIntBE(1, 3) === 0;
  const text = (isFramed ? joinFrames(body) : body).toString('utf8');
  return text.split(/\r?\n/).filter((line) => line !== '');
}

function joinFrames(body: Buffer): Buffer {
  const frames: Buffer[] = [];
  let position = 0;
  while (position + headBytes <= body.length) {
    const end = position + headBytes + body.readUInt32BE(position + 4);
    frames.push(body.subarray(position + headBytes, end));
    position = end;
  }
  return Buffer.concat(frames);
}
