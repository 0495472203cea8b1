import { describeHolder } from '#domain/labels.ts';
import type { ContainerToCreate } from '#domain/plan.ts';
import { EngineError, type StepResult } from '#ports/engine.ts';
import { toCreateRequest } from './container-config.ts';
import type { DockerClient } from './docker-client.ts';
import { hasStatus } from './engine-failure.ts';
import { hasLabels } from './has-labels.ts';
import { fetchContainer } from './observe-docker.ts';
import { toStepResult } from './step-result.ts';

/**
 * Creates a container. When the name is taken by the very one we want (an earlier answer got lost), that is
 * success. @throws EngineError ENGINE_CONFLICT, naming the holder, when it is another one
 */
export async function createContainer(
  container: ContainerToCreate,
  client: DockerClient,
  signal: AbortSignal,
): Promise<StepResult> {
  const request = toCreateRequest(container, await client.apiVersion());
  try {
    const path = '/containers/create';
    return toStepResult(
      await client.call({ operation: 'create-container', method: 'POST', path, ...request, signal }),
    );
  } catch (error) {
    if (!hasStatus(error, 409, 500) || error.code !== 'ENGINE_CONFLICT') throw error;
    const holder = await fetchContainer(client, container.name, signal);
    const labels = holder?.Config?.Labels ?? {};
    if (holder?.Image === container.imageId && hasLabels(labels, container.labels)) return { warnings: [] };
    const message = `the name ${container.name} is held by ${describeHolder(labels)}`;
    throw new EngineError('ENGINE_CONFLICT', message, { status: error.status ?? 409, cause: error });
  }
}
