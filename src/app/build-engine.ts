import { readFile } from 'node:fs/promises';
import { createBuildContexts } from '#adapters/docker/build-context.ts';
import type { DockerTls } from '#adapters/docker/docker-address.ts';
import { createDockerEngine } from '#adapters/docker/docker-engine.ts';
import type { RegistryAuth } from '#adapters/docker/registry-auth.ts';
import { createRegistryCredentials } from '#adapters/docker/registry-credentials.ts';
import type { Engine } from '#ports/engine.ts';
import { Failure } from '#ports/failure.ts';
import type { GitSource } from '#ports/git-source.ts';
import type { Settings } from './settings/settings.ts';

export type EngineRequestFacts = {
  readonly operation: string;
  readonly code: string;
  readonly durationMs: number;
};

export type EngineListeners = {
  readonly onRequest: (facts: EngineRequestFacts) => void;
  /** Credentials that cannot be read; the pull goes on without any. */
  readonly onCredentialProblem: (message: string) => void;
};

/** `git` is where build contexts come from. */
export async function buildEngine(
  settings: Settings,
  git: Pick<GitSource, 'lastFetched'>,
  tell: EngineListeners,
): Promise<Engine> {
  const { host, callTimeoutMs, pullTimeoutMs, configFile } = settings.docker;
  const tls = await readTls(settings.docker);
  return createDockerEngine({
    host,
    timeouts: {
      callMs: callTimeoutMs,
      pullMs: pullTimeoutMs,
      buildMs: settings.build.timeoutMs,
      stopMarginMs: 15_000,
    },
    buildContexts: createBuildContexts({
      openTree: async () => (await git.lastFetched())?.tree,
      maxContextBytes: settings.build.maxContextBytes,
    }),
    buildRegistries: Object.keys(settings.registries),
    pushesBuilt: settings.build.push,
    registryCredentials: createRegistryCredentials({
      settings: toRegistryAuths(settings.registries),
      onProblem: tell.onCredentialProblem,
      ...(configFile === undefined ? {} : { dockerConfigFile: configFile }),
    }),
    onRequest: ({ operation, result, durationMs }) =>
      tell.onRequest({ operation, code: String(result), durationMs }),
    ...(tls === undefined ? {} : { tls }),
  });
}

function toRegistryAuths(registries: Settings['registries']): Readonly<Record<string, RegistryAuth>> {
  const auths = Object.entries(registries).map(([host, entry]): [string, RegistryAuth] => {
    const { username = '', password = '', identityToken } = entry;
    return [host, identityToken === undefined ? { username, password } : { identityToken }];
  });
  return Object.fromEntries(auths);
}

/** @throws Failure when only some of the three are set */
async function readTls({ tlsCa, tlsCert, tlsKey }: Settings['docker']): Promise<DockerTls | undefined> {
  if (tlsCa === undefined && tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCa === undefined || tlsCert === undefined || tlsKey === undefined) {
    const message = 'docker.tlsCa, docker.tlsCert and docker.tlsKey are set together or not at all';
    throw new Failure('SETTINGS_INVALID', message, { reaction: 'stall' });
  }
  const [ca, cert, key] = await Promise.all([readText(tlsCa), readText(tlsCert), readText(tlsKey)]);
  return { ca, cert, key };
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8');
}
