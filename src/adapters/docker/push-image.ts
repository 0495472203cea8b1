import type { Readable } from 'node:stream';
import { parseImageRef } from '#domain/image-ref.ts';
import { EngineError } from '#ports/engine.ts';
import type { DockerClient } from './docker-client.ts';
import { readFailure, readLines } from './ndjson.ts';
import { type RegistryAuth, toRegistryAuthHeader } from './registry-auth.ts';

export type PushDeps = {
  readonly client: DockerClient;
  readonly registryCredentials: (registryHost: string) => Promise<RegistryAuth | undefined>;
  readonly pullMs: number;
};

// The engine wants the header even where there is nothing to sign in with.
const nobody = { username: '', password: '' };

/** Hands one image over to its registry. @throws EngineError */
export async function pushImage(reference: string, deps: PushDeps, signal: AbortSignal): Promise<void> {
  const ref = parseImageRef(reference);
  if (ref === undefined) {
    throw new EngineError('ENGINE_INVALID_REQUEST', `"${reference}" is not an image reference`);
  }
  const { registry, repository, tag = 'latest' } = ref;
  const auth = (await deps.registryCredentials(registry)) ?? nobody;
  const call = {
    operation: 'push-image',
    method: 'POST' as const,
    path: `/images/${registry}/${repository}/push`,
    query: { tag },
    deadlineMs: deps.pullMs,
    signal,
    registryAuth: toRegistryAuthHeader(registry, auth),
  };
  await deps.client.callStream(call, drainPush);
}

/** @throws EngineError with the engine's words when a line tells of a failure */
async function drainPush(body: Readable): Promise<void> {
  for await (const line of readLines(body)) {
    const message = readFailure(line);
    if (message !== undefined) throw new EngineError('ENGINE_FAILED', message, { status: 200 });
  }
}
