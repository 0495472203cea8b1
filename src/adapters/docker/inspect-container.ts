import type { ContainerDetails, ImageDefaults } from '#domain/observed.ts';
import type { DockerClient } from './docker-client.ts';
import { hasStatus } from './engine-failure.ts';
import { toImageDefaults, toInspectedSpec } from './inspected-spec.ts';
import { fetchContainer } from './observe-docker.ts';
import { type ContainerAnswer, type ImageAnswer, parseRecord } from './wire.ts';

/** What images give to their containers, by image id: that never changes, so each is asked for once. */
export type ImageDefaultsCache = Map<string, ImageDefaults>;

const maxCachedImages = 1000;
const maxHealthOutput = 4096;

/** Undefined when there is no such container. @throws EngineError */
export async function inspectContainer(
  deps: { readonly client: DockerClient; readonly images: ImageDefaultsCache },
  containerId: string,
  signal: AbortSignal,
): Promise<ContainerDetails | undefined> {
  const answer = await fetchContainer(deps.client, containerId, signal);
  if (answer === undefined) return undefined;
  const image = await findImageDefaults(deps, answer.Image, signal);
  return { ...toDetails(answer, await deps.client.apiVersion()), ...(image === undefined ? {} : { image }) };
}

/** Undefined when the image was removed under its container, or may not be looked at (a socket proxy). */
async function findImageDefaults(
  { client, images }: { readonly client: DockerClient; readonly images: ImageDefaultsCache },
  imageId: string | undefined,
  signal: AbortSignal,
): Promise<ImageDefaults | undefined> {
  if (imageId === undefined) return undefined;
  const known = images.get(imageId);
  if (known !== undefined) return known;
  try {
    const path = `/images/${encodeURIComponent(imageId)}/json`;
    const answer = await client.call({ operation: 'inspect-image', method: 'GET', path, signal });
    const image = toImageDefaults(parseRecord<ImageAnswer>('an image', answer));
    images.set(imageId, image);
    for (const oldest of images.keys()) if (images.size > maxCachedImages) images.delete(oldest);
    return image;
  } catch (error) {
    if (hasStatus(error, 403, 404)) return undefined;
    throw error;
  }
}

/** "Never" is the year 1 to the engine, and 0 to us. */
function parseMoment(text: string | undefined): number {
  const ms = Date.parse(text ?? '');
  return ms > 0 ? ms : 0;
}

/** A network without IPv4 has the other address. */
function toAddresses({ NetworkSettings: settings }: ContainerAnswer) {
  return Object.entries(settings?.Networks ?? {}).flatMap(([network, endpoint]) => {
    const address = endpoint?.IPAddress || endpoint?.GlobalIPv6Address;
    return address ? [{ network, address }] : [];
  });
}

function toDetails(answer: ContainerAnswer, apiVersion: string): ContainerDetails {
  const { State: state, HostConfig: hostConfig } = answer;
  return {
    startedAtMs: parseMoment(state?.StartedAt),
    finishedAtMs: parseMoment(state?.FinishedAt),
    restartCount: answer.RestartCount ?? 0,
    restartPolicy: {
      name: hostConfig?.RestartPolicy?.Name || 'no',
      maxRetries: hostConfig?.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    oomKilled: state?.OOMKilled ?? false,
    error: state?.Error ?? '',
    healthOutput: (state?.Health?.Log?.at(-1)?.Output ?? '').trim().slice(0, maxHealthOutput),
    addresses: toAddresses(answer),
    spec: toInspectedSpec(answer, apiVersion),
  };
}
