import { expect, it } from 'vitest';
import { toContainerLabels } from '#domain/container-labels.ts';
import { isEmpty } from '#domain/plan.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine } from '#test/support/memory-engine.ts';

const declaredIn = { directory: 'apps/shop', file: 'apps/shop/compose.yaml' };
const origin = { owner: 'o', revision: 'main@sha1:0', imageId: 'sha256:1' };

it('a container carries the labels by which Docker Compose finds its own', () => {
  const service = aService({
    specHash: 'v1:abcdef',
    dependsOn: [
      { service: 'migrate', condition: 'completed', required: true, restart: true },
      { service: 'db', condition: 'healthy', required: true, restart: false },
    ],
  });

  const labels = toContainerLabels(aStack({ declaredIn }), service, 2, origin);

  const ofCompose = Object.entries(labels).filter(([name]) => name.startsWith('com.docker.compose.'));
  expect(Object.fromEntries(ofCompose)).toEqual({
    'com.docker.compose.project': 'shop',
    'com.docker.compose.service': 'web',
    'com.docker.compose.container-number': '2',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.config-hash': 'abcdef',
    'com.docker.compose.depends_on': 'db:service_healthy:false,migrate:service_completed_successfully:true',
    'com.docker.compose.image': 'sha256:1',
    'com.docker.compose.project.working_dir': 'apps/shop',
    'com.docker.compose.project.config_files': 'apps/shop/compose.yaml',
  });
});

it('an app that moves in the state repo, or waits for another service, keeps its containers', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:1');
  const db = aService({ name: 'db' });
  await applyOn(engine, aStack({ declaredIn, services: [db, aService()] }));

  const moved = aStack({
    declaredIn: { directory: 'shop', file: 'shop/compose.yml' },
    services: [
      db,
      aService({ dependsOn: [{ service: 'db', condition: 'started', required: true, restart: true }] }),
    ],
  });

  expect(isEmpty(await planOn(engine, moved))).toBe(true);
});
