import { Readable } from 'node:stream';
import type { BuildSpec } from '#domain/build-spec.ts';
import type { BuildContext, BuildContexts } from '#ports/build-contexts.ts';
import { EngineError, type StepResult } from '#ports/engine.ts';
import type { DockerClient } from './docker-client.ts';
import { hasStatus } from './engine-failure.ts';
import { readFailure, readLines, type StreamLine } from './ndjson.ts';
import { type PushDeps, pushImage } from './push-image.ts';
import { type RegistryAuth, toRegistryConfigHeader } from './registry-auth.ts';

export type BuildDeps = PushDeps & {
  readonly buildContexts: BuildContexts;
  readonly buildMs: number;
  /** Whose credentials the engine is given for base images. */
  readonly buildRegistries: readonly string[];
  /** Whether the names that are declared for an image are pushed when it has been built. */
  readonly pushesBuilt: boolean;
};

const maxOutputLines = 20;
const maxOutputLength = 2000;

/**
 * Builds an image from a directory of the state repo and makes sure that it is there afterwards.
 * That it could not be pushed fails nothing: it is a warning.
 * @throws EngineError BUILD_FAILED with the last output of the step that failed; BuildContextError
 */
export async function buildImage(
  { image, build }: { readonly image: string; readonly build: BuildSpec },
  deps: BuildDeps,
  signal: AbortSignal,
): Promise<StepResult> {
  const context = await deps.buildContexts.open(build, signal);
  const registryConfig = await readCredentials(deps);
  const archive = Readable.from(context.archive, { objectMode: false });
  const broken: Error[] = [];
  archive.on('error', (error) => broken.push(error));
  const call = {
    operation: 'build-image',
    method: 'POST' as const,
    path: '/build',
    query: toBuildQuery(image, build, context),
    archive,
    deadlineMs: deps.buildMs,
    signal,
    ...(registryConfig !== undefined && { registryConfig }),
  };
  try {
    await deps.client.callStream(call, drainBuild);
  } catch (error) {
    // What broke in our own stream reaches us as a broken connection.
    if (broken[0] !== undefined && !signal.aborted) throw broken[0];
    throw toBuildError(image, error);
  } finally {
    // An engine that answers before it has read everything leaves the rest to us; an error ends the request.
    if (!archive.readableEnded) archive.destroy(new Error('the engine has answered already'));
  }
  await checkPresent(image, deps.client, signal);
  return { warnings: deps.pushesBuilt ? await pushDeclared(build, deps, signal) : [] };
}

/** The names that people gave it; the one with the hash of its tree is ours. */
async function pushDeclared(
  { tags }: BuildSpec,
  deps: PushDeps,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const tag of tags) {
    try {
      await pushImage(tag, deps, signal);
    } catch (error) {
      signal.throwIfAborted();
      warnings.push(
        `${tag} was built, but not pushed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return warnings;
}

async function readCredentials(deps: BuildDeps): Promise<string | undefined> {
  const auths: [string, RegistryAuth][] = [];
  for (const host of deps.buildRegistries) {
    const auth = await deps.registryCredentials(host);
    if (auth !== undefined) auths.push([host, auth]);
  }
  return auths.length === 0 ? undefined : toRegistryConfigHeader(auths);
}

function toBuildQuery(
  image: string,
  build: BuildSpec,
  { dockerfile }: BuildContext,
): Record<string, string | readonly string[]> {
  const { target, network, shmSizeBytes, platform, extraHosts = [] } = build;
  return {
    t: [...new Set([image, ...build.tags])],
    dockerfile,
    rm: '1',
    forcerm: '1',
    buildargs: JSON.stringify(build.args),
    labels: JSON.stringify(build.labels),
    ...(build.cacheFrom.length > 0 && { cachefrom: JSON.stringify(build.cacheFrom) }),
    ...(build.noCache && { nocache: '1' }),
    ...(build.pull && { pull: '1' }),
    ...(target !== undefined && { target }),
    ...(network !== undefined && { networkmode: network }),
    ...(extraHosts.length > 0 && { extrahosts: extraHosts.join(',') }),
    ...(shmSizeBytes !== undefined && { shmsize: String(shmSizeBytes) }),
    ...(platform !== undefined && { platform }),
  };
}

/** @throws EngineError with the step, the engine's words and the last output when a line tells of a failure */
async function drainBuild(body: Readable): Promise<void> {
  let output: readonly string[] = [];
  let step = '';
  for await (const line of readLines(body)) {
    const message = readFailure(line);
    if (message !== undefined) throw toStepError(step, message, output);
    for (const text of readOutput(line)) {
      const isNext = /^Step \d+\/\d+ : /.test(text);
      if (isNext) step = text;
      output = isNext ? [] : [...output, text].slice(-maxOutputLines);
    }
  }
}

function readOutput({ stream }: StreamLine): readonly string[] {
  if (typeof stream !== 'string') return [];
  // oxlint-disable-next-line no-control-regex -- the engine colours what a command writes to stderr
  const plain = stream.replace(/\u001b\[[0-9;]*m/g, '');
  return plain
    .split(/[\r\n]+/)
    .filter((text) => text.trim() !== '' && !/^( ---> |Removing intermediate container )/.test(text));
}

function toStepError(step: string, message: string, output: readonly string[]): EngineError {
  const head = [step, message].filter((text) => text !== '').join(': ');
  const tail = output.join('\n').slice(-maxOutputLength);
  return new EngineError('BUILD_FAILED', tail === '' ? head : `${head}\n${tail}`, { status: 200 });
}

/** Only what the engine has said of the build itself; else it is the connection's failure. */
function toBuildError(image: string, error: unknown): unknown {
  if (!(error instanceof EngineError) || error.status === undefined) return error;
  if (error.code === 'ENGINE_API_TOO_OLD') return error;
  // A Dockerfile that cannot be read stays so until Git changes.
  const reaction = error.status === 400 ? 'stall' : 'retry';
  const message = `${image}: ${error.message.replace(/^build-image: /, '')}`;
  return new EngineError('BUILD_FAILED', message, { reaction, status: error.status, cause: error });
}

async function checkPresent(image: string, client: DockerClient, signal: AbortSignal): Promise<void> {
  try {
    await client.call({ operation: 'inspect-image', method: 'GET', path: `/images/${image}/json`, signal });
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
    const message = `${image}: the engine reports success, but does not have the image`;
    throw new EngineError('BUILD_FAILED', message, { cause: error });
  }
}
