import { describeHolder } from '#domain/labels.ts';
import type { Step } from '#domain/plan.ts';
import { EngineError, type StepResult } from '#ports/engine.ts';
import type { DockerClient } from './docker-client.ts';
import { hasStatus } from './engine-failure.ts';
import { hasLabels } from './has-labels.ts';
import { toNetworkBody } from './network-config.ts';
import { toStepResult } from './step-result.ts';
import { toVolumeBody } from './volume-config.ts';
import { type NetworkRow, parseRecord, type VolumeRow } from './wire.ts';

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;
type Labels = Readonly<Record<string, string>>;

/** @throws EngineError ENGINE_CONFLICT, naming the holder, when the name is taken by another network */
export async function createNetwork(
  { network, labels }: StepOf<'create-network'>,
  client: DockerClient,
  signal: AbortSignal,
): Promise<StepResult> {
  const body = toNetworkBody(network, labels, await client.apiVersion());
  try {
    const path = '/networks/create';
    return toStepResult(
      await client.call({ operation: 'create-network', method: 'POST', path, body, signal }),
    );
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'ENGINE_CONFLICT') throw error;
    const found = await fetchNetworkLabels(network.name, client, signal);
    // An address pool that overlaps another network's is a conflict too, and nobody holds the name.
    if (found === undefined) throw error;
    if (hasLabels(found, labels)) return { warnings: [] };
    throw nameConflict('network', network.name, found);
  }
}

async function fetchNetworkLabels(
  name: string,
  client: DockerClient,
  signal: AbortSignal,
): Promise<Labels | undefined> {
  const path = `/networks/${encodeURIComponent(name)}`;
  try {
    const answer = await client.call({ operation: 'inspect-network', method: 'GET', path, signal });
    return parseRecord<NetworkRow>('a network', answer).Labels ?? {};
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

/**
 * The engine answers 201 for a volume that exists, whatever it is like: what came back is looked at.
 * @throws EngineError ENGINE_CONFLICT, naming the holder, when it is not ours
 */
export async function createVolume(
  { volume, labels }: StepOf<'create-volume'>,
  client: DockerClient,
  signal: AbortSignal,
): Promise<StepResult> {
  const body = toVolumeBody(volume, labels);
  const path = '/volumes/create';
  const answer = await client.call({ operation: 'create-volume', method: 'POST', path, body, signal });
  const found = parseRecord<VolumeRow>('a volume', answer).Labels ?? {};
  if (!hasLabels(found, labels)) throw nameConflict('volume', volume.name, found);
  return toStepResult(answer);
}

function nameConflict(kind: string, name: string, holder: Labels): EngineError {
  const message = `the ${kind} ${name} exists already and belongs to ${describeHolder(holder)}`;
  return new EngineError('ENGINE_CONFLICT', message, { status: 409 });
}
