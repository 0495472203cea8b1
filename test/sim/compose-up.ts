// Docker Compose by other hands: a project that was there before, and its end.
import { composeLabels, ownerLabel } from '#domain/labels.ts';
import { EngineError } from '#ports/engine.ts';
import { create } from '#test/support/memory-engine/create.ts';
import { type MemoryContainer, tell } from '#test/support/memory-engine/memory-world.ts';
import { pull, toObservedNetwork } from '#test/support/memory-engine/resources.ts';
import { kill, start } from '#test/support/memory-engine/run-state.ts';
import type { MemoryEngine } from '#test/support/memory-engine.ts';
import { toStack } from './read-repo.ts';
import type { StackDraft } from './state-repo.ts';
import { isOfCompose } from './witness.ts';

/** What is started at all; of what the engine refuses, nothing is. */
export function composeUp(engine: MemoryEngine, draft: StackDraft): void {
  const { name: project, services } = toStack(draft, new Set(), 'as ever');
  const network = `${project}_default`;
  const labelsOf = (kind: 'network' | 'volume', key: string) => ({
    [composeLabels.project]: project,
    [composeLabels[kind]]: key,
  });
  engine.networks.set(network, toObservedNetwork(engine.newId(), network, labelsOf('network', 'default')));
  const volume = {
    name: `${project}_data`,
    driver: 'local',
    options: {},
    labels: labelsOf('volume', 'data'),
  };
  if (draft.services.some(({ hasVolume }) => hasVolume)) engine.volumes.set(volume.name, volume);
  for (const { name: service, containerNames, spec } of services) {
    // Of what shares a network, the other one would have to be found first.
    if (spec.networkMode !== undefined) continue;
    containerNames.forEach((name, index) => {
      const labels = {
        [composeLabels.project]: project,
        [composeLabels.service]: service,
        [composeLabels.number]: String(index + 1),
        [composeLabels.oneoff]: 'False',
      };
      const attachments = spec.networks.map((each) => ({ ...each, aliases: [name, service] }));
      try {
        pull(engine, spec.image);
        const imageId = engine.images.get(spec.image) ?? '';
        const { files: _, ...rest } = spec;
        create(engine, { name, labels, imageId, networkMode: network, attachments, spec: rest });
        start(engine, engine.container(name));
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
      }
    });
  }
}

/** `isKept`: what somebody goes on using. */
export function composeDown(engine: MemoryEngine, isKept: (container: MemoryContainer) => boolean): void {
  for (const container of engine.containers.values()) {
    if (!isOfCompose(container) || isKept(container)) continue;
    kill(engine, container);
    engine.containers.delete(container.id);
    tell(engine, 'destroy', container);
  }
  const isUsed = (network: string) =>
    [...engine.containers.values()].some((each) => each.networks.has(network));
  for (const [key, { name, labels }] of engine.networks) {
    if (labels[ownerLabel] === undefined && !isUsed(name)) engine.networks.delete(key);
  }
}
