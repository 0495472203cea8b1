// What stands before and after a rollout as a whole: other apps that have to be ready, and hooks.

import type { DesiredHook } from './desired.ts';
import { holdRollouts, isReplacement, isRollout } from './hold-rollouts.ts';
import { isIgnoredPath } from './ignored-paths.ts';
import { isOwnedBy, nameLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import { planHook, planStaleHooks } from './plan-hook.ts';
import { holdBack, mergeParts, type PlanPart, toPart } from './plan-part.ts';
import type { Scene } from './plan-scene.ts';

/** One service, as it would go without any gate. */
export type GatedService = {
  readonly name: string;
  readonly part: PlanPart;
  readonly isReady: boolean;
  /** By people, who wait for nothing: what they go back to has run before. */
  readonly isRolledBack: boolean;
};

const lookAgainMs = 30_000;

export type GateScene = Scene & {
  /** What a service of this name still waits for; undefined: nothing. */
  readonly unmetOf: (service: string) => string | undefined;
};

export function planGates(services: readonly GatedService[], scene: GateScene): PlanPart {
  const { stack, context } = scene;
  const stale = (stack.hooks ?? []).map((hook) => planStaleHooks(hook, scene));
  const [awaited] = context.awaitedApps;
  if (awaited !== undefined && services.some(isGated)) {
    const held = services.map((each) => hold(each, awaited, scene));
    const message = `${stack.name} waits until ${awaited}`;
    const lookAgainAtMs = context.nowMs + lookAgainMs;
    const wait = { lane: `stack:${stack.name}`, reason: 'AppNotReady', message, lookAgainAtMs } as const;
    return mergeParts([...stale, ...held, toPart({ waits: [wait] })]);
  }
  const before = stack.hooks?.find(({ kind }) => kind === 'pre-deploy');
  const after = stack.hooks?.find(({ kind }) => kind === 'post-deploy');
  return mergeParts([
    ...stale,
    ...(before === undefined ? services.map(({ part }) => part) : planBefore(before, services, scene)),
    ...(after === undefined || !services.every(isInPlace) ? [] : [planHook(after, scene).part]),
  ]);
}

/** What a hook needs to run at all may be started before it, as long as nothing is replaced for that. */
function planBefore(
  hook: DesiredHook,
  services: readonly GatedService[],
  scene: GateScene,
): readonly PlanPart[] {
  const needed = listNeeded(hook.service, scene);
  const mayGo = ({ name, part }: GatedService) => needed.has(name) && !isReplacement(part);
  const parts = services.map(({ part }) => part);
  if (!services.some((each) => !mayGo(each) && isGated(each))) return parts;
  const { part, isDone } = planHook(hook, scene);
  if (isDone) return [part, ...parts];
  const unmet = scene.unmetOf(hook.service);
  const after = `the ${hook.kind} hook has succeeded`;
  const held = services.map((each) => (mayGo(each) ? each.part : hold(each, after, scene)));
  return [holdBack(part, unmet), ...held];
}

/** Whether it is about to begin with a version that has to wait for what stands before the rollout. */
function isGated({ part, isRolledBack }: GatedService): boolean {
  return !isRolledBack && isRollout(part);
}

function hold(service: GatedService, after: string, scene: Scene): PlanPart {
  if (!isGated(service)) return service.part;
  return holdRollouts(service.part, after, (lane) => findStopped(lane, scene));
}

/** The container that serves in a lane, where it has been stopped, though not on anybody's word, and is to be healed. */
function findStopped(lane: string, { stack, observed, context }: Scene): ObservedContainer | undefined {
  const isLeft = stack.active === false || isIgnoredPath('state', stack.driftIgnore);
  if (stack.drift !== 'heal' || isLeft) return undefined;
  const names = stack.services
    .filter(({ name, isJob }) => !isJob && context.setAside?.[name] === undefined)
    .flatMap((service) =>
      service.containerNames.map((name, index) => ({ name, service, number: index + 1 })),
    );
  const own = names.find(({ service, number }) => lane === `service:${service.name}/${number}`);
  return observed.containers.find(
    ({ name, state, labels }) =>
      name === own?.name &&
      state === 'exited' &&
      isOwnedBy(labels, context.owner) &&
      labels[nameLabel] === name,
  );
}

/** All that a service depends on, whatever is between them. */
function listNeeded(service: string, { stack }: Scene): ReadonlySet<string> {
  const needed = new Set<string>();
  const queue = [service];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const found = stack.services.find((each) => each.name === name);
    for (const { service: other } of found?.dependsOn ?? []) {
      if (needed.has(other)) continue;
      needed.add(other);
      queue.push(other);
    }
  }
  return needed;
}

/** Ready in the declared version, and not about to become something else. */
function isInPlace({ part, isReady, isRolledBack }: GatedService): boolean {
  return isReady && !isRolledBack && part.findings.length + part.blocks.length === 0 && !isRollout(part);
}
