// What must have come of it when nothing befalls the world any more.
import type { DesiredService, DesiredStack } from '#domain/desired.ts';
import { generationLabel, isOwnedBy, serviceLabel, stackLabel } from '#domain/labels.ts';
import { type Difference, isEmpty } from '#domain/plan.ts';
import { testOwner } from '#test/support/builders.ts';
import type { MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import { isGood } from './programs.ts';
import { findService } from './sight.ts';
import type { SimWorld } from './sim-world.ts';
import { isLeftToCompose } from './still-running.ts';
import { isOfCompose, mayBeReady, toReplicaKey } from './witness.ts';

/** `isLeftAlone`: what people did to such a stack stays. */
type Judged = SimWorld & { readonly isLeftAlone: (stack: DesiredStack) => boolean };

/** In words; none when all is as it should be. */
export function findDisagreements(
  simWorld: SimWorld,
  isLeftAlone: Judged['isLeftAlone'] = () => false,
): readonly string[] {
  const world = { ...simWorld, isLeftAlone };
  const apps = world.daemon?.source.current().apps ?? [];
  const stacks = apps.flatMap((app) => app.stacks).filter((stack) => !isLeftAlone(stack));
  const expected = stacks.map((stack) => ({
    stack,
    services: stack.services.filter((each) => canBe(world, stack, each)),
  }));
  // Of a repo without any app, nothing follows.
  const isAll = apps.length > 0 && apps.every(({ problems }) => problems.length === 0);
  return [
    ...expected.flatMap(({ stack, services }) =>
      services.flatMap((service) => compareService(world, stack, service)),
    ),
    ...(isAll ? expected : []).flatMap(({ stack, services }) =>
      services.length === stack.services.length ? compareReport(world, stack) : [],
    ),
    ...(isAll ? findLeftovers(world) : []),
  ];
}

/** It, and all that it waits for, is good and not on hold. */
function canBe(
  world: Judged,
  stack: DesiredStack,
  service: DesiredService,
  waiting: readonly string[] = [],
): boolean {
  const imageId = world.engine.images.get(service.spec.image) ?? `sha256:${service.spec.image}`;
  if (!isGood(imageId) || hasFailed(world, service) || stack.active === false) return false;
  if (!waiting.includes(service.name) && isObstructed(world, stack, service, waiting)) return false;
  if (isLeftToCompose(world, stack)) return false;
  const holds = world.kept.holds.get(stack.name) ?? [];
  const { name, generation } = service;
  if (holds.some((hold) => hold.service === name && hold.generation === generation)) return false;
  return service.dependsOn.every(({ service: awaited }) => {
    const other = stack.services.find((each) => each.name === awaited);
    return other === undefined || canBe(world, stack, other, waiting);
  });
}

/** What cannot be read, or cannot be replaced, keeps its ports, and others may have been given them meanwhile. */
function isObstructed(
  world: Judged,
  stack: DesiredStack,
  { name, spec }: DesiredService,
  waiting: readonly string[],
): boolean {
  const apps = world.daemon?.source.current().apps ?? [];
  const ports = spec.ports.map(({ hostPort }) => hostPort).filter((hostPort) => hostPort !== '');
  if (ports.length > 0 && apps.some(({ problems }) => problems.length > 0)) return true;
  return [...world.engine.containers.values()].some((each) => {
    const holder = findService({ apps }, each);
    if (holder?.service.name === name && holder.stack.name === stack.name) return false;
    if (!each.ports.some(({ hostPort }) => ports.includes(String(hostPort)))) return false;
    // Its successor may wait for what people have stopped, and nobody starts it.
    if (holder === undefined || world.isLeftAlone(holder.stack)) return true;
    // Of two that wait for each other, neither is an excuse.
    return !canBe(world, holder.stack, holder.service, [...waiting, name]);
  });
}

/** A job that somebody has killed is not done again by itself. */
function hasFailed({ engine }: SimWorld, { isJob, name, generation }: DesiredService): boolean {
  return [...engine.containers.values()].some(
    (each) =>
      isJob &&
      each.labels[serviceLabel] === name &&
      each.labels[generationLabel] === generation &&
      each.state === 'exited' &&
      each.exitCode !== 0,
  );
}

function compareService(world: SimWorld, stack: DesiredStack, service: DesiredService): readonly string[] {
  return service.containerNames.flatMap((name) => {
    const container = [...world.engine.containers.values()].find((each) => each.name === name);
    if (container === undefined) return [`${name} is missing`];
    return compareContainer(world, stack, service, container).map((fault) => `${name} ${fault}`);
  });
}

/** `what` is wrong, unless it is right or somebody wants it to be left alone under that path. */
function check(what: string, isRight: boolean, isIgnored = false): readonly string[] {
  return isRight || isIgnored ? [] : [what];
}

function compareContainer(
  { engine, witness }: SimWorld,
  stack: DesiredStack,
  { name, spec, isJob }: DesiredService,
  container: MemoryContainer,
): readonly string[] {
  const ignores = (path: string): boolean => stack.driftIgnore?.includes(path) === true;
  const isUp = isJob ? container.state === 'exited' && container.exitCode === 0 : mayBeReady(container);
  const shared = /^service:(.*)$/.exec(spec.networkMode ?? '')?.[1];
  const hostName = stack.services.find((each) => each.name === shared)?.containerNames[0];
  const host = [...engine.containers.values()].find((each) => each.name === hostName);
  const networks = spec.networks.every(({ network }) => {
    const attached = container.spec.networks.find((each) => each.network === network);
    return container.networks.has(network) && attached?.aliases.includes(name) === true;
  });
  const isOurOwn = isOwnedBy(container.labels, testOwner) || (stack.adopt === true && isOfCompose(container));
  const { name: policy } = container.restartPolicy;
  const { memoryBytes } = container.spec.resources;
  const files = (spec.files ?? []).every(
    ({ target, contentHash }) => container.files[target] === contentHash,
  );
  return [
    ...check(
      `is ${container.state} (${container.health ?? 'no health'}, ${container.exitCode})`,
      isUp,
      ignores('state'),
    ),
    ...check('is not ours', isOurOwn),
    // Published anew, it is drift.
    ...check(
      'has another image',
      container.imageId === engine.images.get(spec.image),
      isJob || stack.drift !== 'heal',
    ),
    ...check('has another value', container.spec.environment['VALUE'] === spec.environment['VALUE']),
    ...check(`has policy ${policy}`, policy === spec.restart.name, ignores('restart')),
    ...check('has another limit', memoryBytes === spec.resources.memoryBytes, ignores('mem_limit')),
    ...check('is not connected under its names', networks, ignores('networks.*')),
    // Started by other hands before it got them, it may be as good as any.
    ...check('has not got its files', files, witness.touchedAtMs(container) > Number.NEGATIVE_INFINITY),
    ...check('shares no network', shared === undefined || container.networkMode === `container:${host?.id}`),
  ];
}

function compareReport({ daemon }: SimWorld, stack: DesiredStack): readonly string[] {
  const report = daemon?.reports.get(stack.name);
  if (report === undefined) return [`${stack.name} has no report`];
  const { waits, blocks, steps } = report.plan;
  const isTold = ({ path }: Difference): boolean => path === 'image' && stack.drift === 'warn';
  const differences = report.plan.differences.filter((each) => !isTold(each));
  if (report.result === 'converged' && isEmpty({ ...report.plan, differences })) return [];
  const rest = [
    ...[...waits, ...blocks].map(({ message }) => message),
    ...steps.map(({ kind }) => kind),
    ...differences.map(({ object, path, found }) => `${object} ${path}: ${found}`),
  ];
  return [`${stack.name} is ${report.result}: ${rest.join('; ')} ${report.failure?.message ?? ''}`];
}

/** Ours, and neither declared nor kept, stopped, to go back to. */
function findLeftovers(world: Judged): readonly string[] {
  const apps = world.daemon?.source.current().apps ?? [];
  const all = [...world.engine.containers.values()].filter(({ labels }) => isOwnedBy(labels, testOwner));
  return all.flatMap((container) => {
    const found = findService({ apps }, container);
    const stack = apps.flatMap((app) => app.stacks).find(({ name }) => name === container.labels[stackLabel]);
    if (stack !== undefined && world.isLeftAlone(stack)) return [];
    if (found === undefined) return isDue(world, container) ? [`${container.name} is not declared`] : [];
    if (found.service.containerNames.includes(container.name)) return [];
    if (!canBe(world, found.stack, found.service)) return [];
    const { rollbackWindowMs } = found.service.rollout;
    const isKept =
      container.state === 'exited' && container.restartPolicy.name === 'no' && rollbackWindowMs > 0;
    const others = all.filter((each) => toReplicaKey(each) === toReplicaKey(container));
    return isKept && others.length === 2 ? [] : [`${container.name} is left over, ${container.state}`];
  });
}

/** Pruning comes when all that its stack declares is in place. */
function isDue(world: Judged, { labels }: MemoryContainer): boolean {
  const apps = world.daemon?.source.current().apps ?? [];
  const stack = apps.flatMap((app) => app.stacks).find(({ name }) => name === labels[stackLabel]);
  return (
    stack?.active === false || (stack?.services.every((service) => canBe(world, stack, service)) ?? true)
  );
}
