import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#ports/engine.ts';
import type { DockerClient } from './docker-client.ts';
import { hasStatus } from './engine-failure.ts';
import { fetchContainer } from './observe-docker.ts';

const pollMs = 200;
const maxPolls = 150;

/**
 * Removes a container that has ended, never its volumes. When somebody else is removing it at this moment,
 * waits until it is gone. @throws EngineError
 */
export async function removeContainer(id: string, client: DockerClient, signal: AbortSignal): Promise<void> {
  const call = {
    operation: 'remove-container',
    method: 'DELETE',
    path: `/containers/${id}`,
    signal,
  } as const;
  try {
    await client.call({ ...call, query: { v: '0', force: '0' } });
  } catch (error) {
    if (hasStatus(error, 404)) return;
    if (!isRemovalInProgress(error)) throw error;
    await untilGone(id, client, signal);
  }
}

function isRemovalInProgress(error: unknown): boolean {
  return error instanceof EngineError && /removal of container .* in progress/.test(error.message);
}

async function untilGone(id: string, client: DockerClient, signal: AbortSignal): Promise<void> {
  for (let polls = 0; polls < maxPolls; polls += 1) {
    if ((await fetchContainer(client, decodeURIComponent(id), signal)) === undefined) return;
    await sleep(pollMs, undefined, { signal });
  }
  throw new EngineError('ENGINE_TIMEOUT', `remove-container: the removal of ${id} does not come to an end`);
}
