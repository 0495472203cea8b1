import { readFile } from 'node:fs/promises';
import { createDockerEngine } from '#adapters/docker/docker-engine.ts';
import { createRegistryCredentials } from '#adapters/docker/registry-credentials.ts';
import type { Engine } from '#ports/engine.ts';
import type { Settings } from './settings/settings.ts';

export type EngineRequestFacts = {
  readonly operation: string;
  readonly code: string;
  readonly durationMs: number;
};

export async function buildEngine(
  settings: Settings,
  onRequest: (facts: EngineRequestFacts) => void,
): Promise<Engine> {
  const { host, callTimeoutMs, pullTimeoutMs, configFile } = settings.docker;
  const tls = await readTls(settings.docker);
  return createDockerEngine({
    host,
    timeouts: { callMs: callTimeoutMs, pullMs: pullTimeoutMs, stopMarginMs: 15_000 },
    registryCredentials: createRegistryCredentials({
      settings: settings.registries,
      ...(configFile === undefined ? {} : { dockerConfigFile: configFile }),
    }),
    onRequest,
    ...(tls === undefined ? {} : { tls }),
  });
}

async function readTls({ tlsCa, tlsCert, tlsKey }: Settings['docker']) {
  if (tlsCa === undefined && tlsCert === undefined) return undefined;
  const [ca, cert, key] = await Promise.all([tlsCa, tlsCert, tlsKey].map(readOptional));
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

async function readOptional(path: string | undefined): Promise<string | undefined> {
  return path === undefined ? undefined : readFile(path, 'utf8');
}
