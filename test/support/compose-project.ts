// A Compose project on an engine in memory, as `docker compose up -d` would have left it.
import type { DesiredService, DesiredStack } from '#domain/desired.ts';
import { withComposeAliases } from '#domain/replica.ts';
import { toObservedNetwork } from './memory-engine/resources.ts';
import { createMemoryEngine, type MemoryEngine } from './memory-engine.ts';

export function labelsOf(service: string, number = 1): Record<string, string> {
  return {
    'com.docker.compose.project': 'shop',
    'com.docker.compose.service': service,
    'com.docker.compose.container-number': String(number),
    'com.docker.compose.oneoff': 'False',
  };
}

/** Every image is there already. */
export async function composeUpInMemory(stack: DesiredStack): Promise<MemoryEngine> {
  const engine = createMemoryEngine();
  for (const image of ['web:1', 'web:2', 'db:1']) engine.images.set(image, `sha256:${image}`);
  const ofProject = (kind: string, key: string) => ({
    'com.docker.compose.project': 'shop',
    [`com.docker.compose.${kind}`]: key,
  });
  engine.networks.set('shop_default', {
    ...toObservedNetwork('n1', 'shop_default', ofProject('network', 'default')),
  });
  engine.volumes.set('shop_data', {
    name: 'shop_data',
    driver: 'local',
    options: {},
    labels: ofProject('volume', 'data'),
  });
  for (const service of stack.services) await startAsCompose(engine, service);
  engine.nowMs += 60_000;
  engine.calls.length = 0;
  return engine;
}

export async function startAsCompose(
  engine: MemoryEngine,
  service: DesiredService,
  { name = service.containerNames[0] ?? '', labels = labelsOf(service.name) } = {},
): Promise<void> {
  const common = { lane: '', cause: { reason: 'Missing', message: '' } } as const;
  const container = {
    name,
    spec: service.spec,
    imageId: `sha256:${service.spec.image}`,
    labels: { ...service.spec.labels, ...labels },
    attachments: withComposeAliases(service, service.containerNames[0] ?? ''),
    networkMode: 'shop_default',
  };
  const signal = new AbortController().signal;
  await engine.run({ kind: 'create-container', container, ...common }, signal);
  await engine.run({ kind: 'start-container', target: { name }, ...common }, signal);
}
