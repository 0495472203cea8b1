import type { Readable } from 'node:stream';
import { type ImageRef, parseImageRef } from '#domain/image-ref.ts';
import { EngineError, type EngineErrorCode } from '#ports/engine.ts';
import type { DockerClient } from './docker-client.ts';
import { hasStatus } from './engine-failure.ts';
import { readFailure, readLines } from './ndjson.ts';
import { type RegistryAuth, toRegistryAuthHeader } from './registry-auth.ts';

export type PullDeps = {
  readonly client: DockerClient;
  readonly registryCredentials: (registryHost: string) => Promise<RegistryAuth | undefined>;
  readonly pullMs: number;
};

/**
 * Pulls one image and makes sure that it is there afterwards: an engine may say 200 and fail in the stream,
 * or in silence. @throws EngineError
 */
export async function pullImage(
  { image, platform }: { readonly image: string; readonly platform?: string },
  deps: PullDeps,
  signal: AbortSignal,
): Promise<void> {
  const ref = parseImageRef(image);
  if (ref === undefined) {
    throw new EngineError('ENGINE_INVALID_REQUEST', `"${image}" is not an image reference`, {
      reaction: 'stall',
    });
  }
  const { client, pullMs: deadlineMs } = deps;
  const auth = await deps.registryCredentials(ref.registry);
  const call = {
    operation: 'pull-image',
    method: 'POST' as const,
    path: '/images/create',
    query: toPullQuery(ref, platform),
    deadlineMs,
    signal,
    ...(auth === undefined ? {} : { registryAuth: toRegistryAuthHeader(ref.registry, auth) }),
  };
  try {
    await client.callStream(call, drainPull);
  } catch (error) {
    throw isAnswer(error) ? toPullError(image, error) : error;
  }
  await checkPresent(image, ref, client, signal);
}

/** Without a tag the engine would pull every tag of the repository. */
function toPullQuery(ref: ImageRef, platform: string | undefined): Record<string, string> {
  const query = { fromImage: `${ref.registry}/${ref.repository}`, tag: ref.digest ?? ref.tag ?? 'latest' };
  return platform === undefined ? query : { ...query, platform };
}

/** @throws EngineError with the engine's words when a line tells of a failure */
async function drainPull(body: Readable): Promise<void> {
  for await (const line of readLines(body)) {
    const message = readFailure(line);
    if (message !== undefined) throw new EngineError('ENGINE_FAILED', message, { status: 200 });
  }
}

async function checkPresent(
  image: string,
  { registry, repository, tag, digest }: ImageRef,
  client: DockerClient,
  signal: AbortSignal,
): Promise<void> {
  const version = digest === undefined ? `:${tag ?? 'latest'}` : `@${digest}`;
  // Slashes are part of the path here.
  const path = `/images/${registry}/${repository}${version}/json`;
  try {
    await client.call({ operation: 'inspect-image', method: 'GET', path, signal });
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
    const message = `${image}: the engine reports success, but does not have the image`;
    throw new EngineError('IMAGE_NOT_FOUND', message, { cause: error });
  }
}

/** The engine has spoken, before the stream (a status) or in it; else it is the connection's failure. */
function isAnswer(error: unknown): error is EngineError {
  return error instanceof EngineError && error.status !== undefined && error.code !== 'ENGINE_API_TOO_OLD';
}

function toPullError(image: string, error: EngineError): EngineError {
  const message = error.message.replace(/^pull-image: /, '');
  const code = classifyPull(message, error.code);
  return new EngineError(code, `${image}: ${message}`, {
    reaction: code === 'ENGINE_INVALID_REQUEST' ? 'stall' : 'retry',
    cause: error,
    ...(error.status === undefined ? {} : { status: error.status }),
  });
}

/** In this order: a message about a connection may also hold a word like "denied". */
const pullFailures: readonly (readonly [EngineErrorCode, RegExp])[] = [
  ['REGISTRY_RATE_LIMITED', /toomanyrequests|too many requests|rate limit|\b429\b/i],
  [
    'REGISTRY_UNREACHABLE',
    /connection refused|connection reset|no such host|server misbehaving|no route to host|network is unreachable|timeout|deadline exceeded|canceled while waiting|\bEOF\b|tls:|x509|http response to https|status: 5\d\d|\b50[234]\b/i,
  ],
  [
    'IMAGE_ACCESS_DENIED',
    /denied|unauthorized|authentication required|no basic auth|forbidden|incorrect username|\b40[13]\b/i,
  ],
  [
    'IMAGE_NOT_FOUND',
    /not found|manifest unknown|name unknown|does not exist|no matching manifest|no such image/i,
  ],
];

function classifyPull(message: string, otherwise: EngineErrorCode): EngineErrorCode {
  const known = pullFailures.find(([, pattern]) => pattern.test(message));
  if (known !== undefined) return known[0];
  return otherwise === 'ENGINE_NOT_FOUND' ? 'IMAGE_NOT_FOUND' : otherwise;
}
