import type { DesiredService, DesiredStack } from './desired.ts';
import { type JudgeScene, judgeReadiness } from './judge-readiness.ts';
import { isOwnedBy, serviceLabel, stackLabel } from './labels.ts';
import type { ObservedContainer, ObservedHost } from './observed.ts';
import { type HealthState, healthStates, type ServiceReport } from './outcome.ts';
import { seeAdopted } from './see-adopted.ts';

export function reportServices(
  stack: DesiredStack,
  observed: ObservedHost,
  owner: string,
  scene: JudgeScene,
): readonly ServiceReport[] {
  const seen = stack.adopt === true ? seeAdopted(stack, observed, owner) : observed;
  const owned = seen.containers.filter(
    ({ labels }) => isOwnedBy(labels, owner) && labels[stackLabel] === stack.name,
  );
  return stack.services.map((service) => reportService(service, owned, scene));
}

function reportService(
  service: DesiredService,
  owned: readonly ObservedContainer[],
  scene: JudgeScene,
): ServiceReport {
  const containers = owned.filter(({ labels }) => labels[serviceLabel] === service.name);
  const live = service.containerNames.map((name) => containers.find((container) => container.name === name));
  const states = live.map((container) => toHealth(container, service, scene));
  return {
    name: service.name,
    image: service.spec.image,
    generation: service.generation,
    wantedReplicas: service.containerNames.length,
    readyReplicas: states.filter((state) => state === 'healthy').length,
    health: worstHealth(states),
    containers: containers.map(({ id, name, state }) => ({ id, name, state })),
  };
}

function toHealth(
  container: ObservedContainer | undefined,
  service: DesiredService,
  scene: JudgeScene,
): HealthState {
  if (container === undefined) return 'missing';
  const readiness = judgeReadiness(container, service, scene);
  if (readiness.kind === 'ready') return 'healthy';
  return readiness.kind === 'starting' || container.state === 'created' ? 'progressing' : 'degraded';
}

/** Nothing at all is healthy: a stack scaled to zero has no fault. */
export function worstHealth(states: readonly HealthState[]): HealthState {
  return healthStates[Math.max(0, ...states.map((state) => healthStates.indexOf(state)))] ?? 'unknown';
}
