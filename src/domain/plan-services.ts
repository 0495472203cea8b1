import { type ResolvedReferences, resolveReferences } from './container-references.ts';
import type { DesiredService, DesiredStack } from './desired.ts';
import { findObstacles } from './find-obstacles.ts';
import { indexHost } from './host-index.ts';
import { judgeReadiness } from './judge-readiness.ts';
import { isOwnedBy, replicaLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import type { Step } from './plan.ts';
import type { PlanContext } from './plan-context.ts';
import { type GatedService, planGates } from './plan-gates.ts';
import { planHandovers } from './plan-handovers.ts';
import { listMountedImages, toImageKey } from './plan-images.ts';
import { holdBack, mergeParts, type PlanPart, toPart } from './plan-part.ts';
import { planProbes } from './plan-probes.ts';
import type { Scene } from './plan-scene.ts';
import { planSetAside } from './plan-set-aside.ts';
import type { Replica } from './replica.ts';
import { rollOneByOne } from './roll-one-by-one.ts';

type ServicePlan = { readonly part: PlanPart; readonly progress: Progress };
type Dependency = DesiredService['dependsOn'][number];
/** How far a service is, for those that wait for it. */
type Progress = { readonly started: boolean; readonly ready: boolean };

/** All services, every one after those it depends on: a dependant's steps are held back until then. */
export function planServices(scene: Scene): PlanPart {
  const progressByService = new Map<string, Progress>();
  const unmetByService = new Map<string, string>();
  const planned: GatedService[] = [];
  for (const service of scene.stack.services) {
    const plan = planService(service, scene);
    // To be stopped, it waits for nothing: what it depends on may have been stopped with it.
    const isDue = plan.part.steps.length > 0 && scene.context.setAside?.[service.name] === undefined;
    const unmet = isDue ? findUnmet(service, progressByService) : undefined;
    if (unmet !== undefined) unmetByService.set(service.name, unmet.service);
    const after = unmet && describeUnmet(unmet);
    const part = mergeParts([holdBack(plan.part, after), toDependencyWait(service, after, scene.context)]);
    progressByService.set(service.name, plan.progress);
    const isRolledBack = service.pinned !== undefined;
    planned.push({ name: service.name, part, isReady: plan.progress.ready, isRolledBack });
  }
  const unmetOf = (name: string) => {
    const service = scene.stack.services.find((each) => each.name === name);
    const unmet = service && findUnmet(service, progressByService);
    return unmet && describeUnmet(unmet);
  };
  return mergeParts([planHandovers(scene, unmetByService), planGates(planned, { ...scene, unmetOf })]);
}

function planService(service: DesiredService, scene: Scene): ServicePlan {
  const { stack, observed, context } = scene;
  const containers = indexHost(observed)
    .containersOfService(stack.name, service.name)
    .filter(({ labels }) => isOwnedBy(labels, context.owner));
  const probes = planProbes(service, containers, { ...context, containers: observed.containers });
  const setAside = context.setAside?.[service.name];
  if (setAside !== undefined) {
    const part = planSetAside(service, setAside, containers, context);
    const progress = { started: false, ready: false };
    return { part: setAside.how === 'leave' ? { ...part, probes } : part, progress };
  }
  const resolved = resolveReferences(service.spec, { stack, observed, owner: context.owner });
  const replicas = service.containerNames.map((_, index) =>
    toReplica(service, scene, { index, containers, resolved }),
  );
  const part = mergeParts(rollOneByOne(replicas));
  const isSettled = part.findings.length === 0 && part.steps.every(isUpkeep);
  const needed = findMissing(service, scene, resolved.missing, part.steps);
  const progress = toProgress(service, containers, isSettled, context);
  return { part: { ...holdBack(applyDriftMode(part, stack), needed), probes }, progress };
}

/** Steps that nobody who depends on the service has to wait for; a replacement is none, whatever its reason. */
function isUpkeep({ cause }: Step): boolean {
  return (cause.reason === 'Drifted' || cause.reason === 'Superseded') && cause.order === undefined;
}

function toReplica(
  service: DesiredService,
  { stack, observed, context, imageIdsByRef, allotment }: Scene,
  own: { index: number; containers: readonly ObservedContainer[]; resolved: ResolvedReferences },
): Replica {
  const number = own.index + 1;
  const canonicalName = service.containerNames[own.index] ?? '';
  const replicaContainers = own.containers
    .filter(({ labels }) => labels[replicaLabel] === String(number))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    stack,
    service,
    number,
    lane: `service:${service.name}/${number}`,
    canonicalName,
    containers: replicaContainers,
    obstacles: findObstacles(service, canonicalName, replicaContainers, { observed, context }),
    imageId: imageIdsByRef.get(toImageKey(service)),
    references: own.resolved.references,
    allotted: allotment.get(`${service.name}/${number}`) ?? {},
    namespaceStartedAtMs: own.resolved.startedAtMs,
    wasApplied: context.appliedGenerations[service.name] === service.generation,
    hold: context.holds.find(
      (hold) =>
        hold.service === service.name &&
        hold.generation === service.generation &&
        hold.probeId === service.probe?.id &&
        hold.imageId === (imageIdsByRef.get(toImageKey(service)) ?? hold.imageId),
    ),
    requests: context.requests ?? {},
    retiredAtMs: context.retiredAtMs,
    equalGenerations: context.equalGenerations,
    refusedStarts: context.refusedStarts,
    following: context.following,
    multiEndpointCreate: context.multiEndpointCreate,
    apiVersion: context.apiVersion,
    selfContainerId: context.selfContainerId,
    nowMs: context.nowMs,
    clockSetAtMs: context.clockSetAtMs,
    probes: context.probes,
    origin: context,
  };
}

function toProgress(
  service: DesiredService,
  containers: readonly ObservedContainer[],
  isSettled: boolean,
  context: PlanContext,
): Progress {
  const live = service.containerNames.map((name) => containers.find((container) => container.name === name));
  const isReady = (container: ObservedContainer | undefined) =>
    container !== undefined && judgeReadiness(container, service, context).kind === 'ready';
  const hasStarted = (container: ObservedContainer | undefined) =>
    container !== undefined && (container.state === 'running' || isReady(container));
  return { started: isSettled && live.every(hasStarted), ready: isSettled && live.every(isReady) };
}

/** Told as a wait of its own: the one that is waited for may have nothing to tell (stopped under `drift: warn`). */
function toDependencyWait(
  service: DesiredService,
  unmet: string | undefined,
  { nowMs }: PlanContext,
): PlanPart {
  if (unmet === undefined) return toPart({});
  const message = `service ${service.name} waits until ${unmet}`;
  const lookAgainAtMs = nowMs + 30_000;
  return toPart({
    waits: [{ lane: `service:${service.name}`, reason: 'DependencyNotReady', message, lookAgainAtMs }],
  });
}

function findUnmet(
  service: DesiredService,
  progressByService: ReadonlyMap<string, Progress>,
): Dependency | undefined {
  return service.dependsOn.find(({ service: name, condition }) => {
    const progress = progressByService.get(name);
    if (progress === undefined) return false;
    return condition === 'started' ? !progress.started : !progress.ready;
  });
}

function describeUnmet({ service, condition }: Dependency): string {
  return `service ${service} is ${condition === 'started' ? 'running' : condition}`;
}

/** What has to be there before the steps can be run; an image only where a container is to be made of it. */
function findMissing(
  service: DesiredService,
  { imageIdsByRef, missing }: Scene,
  missingReference: string | undefined,
  steps: readonly Step[],
): string | undefined {
  const { image, networks, mounts } = service.spec;
  const isCreating = steps.some((step) => step.kind === 'create-container');
  const isBuilt = service.build !== undefined;
  if (isCreating && !imageIdsByRef.has(toImageKey(service))) {
    return `image ${image} is ${isBuilt ? 'built' : 'pulled'}`;
  }
  const mounted = listMountedImages(service).find((ref) => !imageIdsByRef.has(ref));
  if (isCreating && mounted !== undefined) return `image ${mounted} is pulled`;
  if (missingReference !== undefined) return `the container of ${missingReference} runs`;
  const volumes = mounts.flatMap((mount) => (mount.kind === 'volume' ? (mount.name ?? []) : []));
  const needed = [
    ...networks.map(({ network }) => `network ${network}`),
    ...volumes.map((name) => `volume ${name}`),
  ];
  const first = needed.find((name) => missing.has(name));
  return first === undefined ? undefined : `${first} exists`;
}

/** Under `warn`, drift is told and left; under `off` it is not even told. What Git asks for is done in every mode. */
function applyDriftMode(part: PlanPart, stack: DesiredStack): PlanPart {
  if (stack.drift === 'heal') return part;
  const drifted = new Set(
    part.steps.filter(({ cause }) => cause.reason === 'Drifted').map(({ lane }) => lane),
  );
  return {
    ...part,
    steps: part.steps.filter((step) => !drifted.has(step.lane)),
    differences: stack.drift === 'off' ? part.differences.filter((each) => !each.drift) : part.differences,
  };
}
