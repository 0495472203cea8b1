// One call, and all that it can be judged by.
import type { DesiredApp, DesiredService, DesiredStack } from '#domain/desired.ts';
import type { Override } from '#domain/history-overrides.ts';
import { generationLabel, replicaLabel, serviceLabel, stackLabel } from '#domain/labels.ts';
import type { Step } from '#domain/plan.ts';
import type { Hold } from '#domain/rollout.ts';
import type { MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import type { MemoryEngine } from '#test/support/memory-engine.ts';
import { seenLabels, type Witness } from './witness.ts';

/** One call, and all that it can be judged by. */
export type Sight = {
  readonly step: Step;
  /** What it is done to, where that exists. */
  readonly target: MemoryContainer | undefined;
  readonly engine: MemoryEngine;
  readonly witness: Witness;
  readonly nowMs: number;
  /** What Git is known to want. */
  readonly apps: readonly DesiredApp[];
  readonly holds: (stack: string) => readonly Hold[];
  /** What people have laid over Git, and the loop has known for a while. */
  readonly overrides: (stack: string) => readonly Override[];
  /** All of that, known or not. */
  readonly laidOver: (stack: string) => readonly Override[];
  readonly isApproved: boolean;
  /** The wall clock was set, and an engine tells its times by it. */
  readonly hasClockJumped: boolean;
  readonly volumesBefore: number;
};

export type Invariant = (sight: Sight, target: MemoryContainer) => string | undefined;

/** For this long after somebody laid hands on something, or Git changed, a call may still be meant for what was before. */
export const lagMs = 15_000;

export type Found = { readonly stack: DesiredStack; readonly service: DesiredService };

export function findService(sight: Pick<Sight, 'apps'>, container: MemoryContainer): Found | undefined {
  const found = findDeclared(sight, container);
  return found?.stack.active === false ? undefined : found;
}

/** Also of a stack that is to run nothing. */
export function findDeclared({ apps }: Pick<Sight, 'apps'>, container: MemoryContainer): Found | undefined {
  const labels = seenLabels(container);
  const stack = apps.flatMap((app) => app.stacks).find(({ name }) => name === labels[stackLabel]);
  const service = stack?.services.find(({ name }) => name === labels[serviceLabel]);
  if (stack === undefined || service === undefined) return undefined;
  return Number(labels[replicaLabel]) <= service.containerNames.length ? { stack, service } : undefined;
}

/** Two of them can run side by side, and nobody asked for anything else. */
export function canRunSideBySide({ stack, service }: Found): boolean {
  const { spec, rollout, isJob } = service;
  if (isJob || rollout.strategy === 'recreate' || spec.networkMode !== undefined) return false;
  if (spec.ports.some(({ hostPort }) => hostPort !== '')) return false;
  if (stack.services.some((other) => other.spec.networkMode === `service:${service.name}`)) return false;
  return rollout.strategy === 'blue-green' || spec.mounts.length === 0;
}

export function wasTouched({ witness, nowMs }: Sight, containers: readonly MemoryContainer[]): boolean {
  return containers.some((each) => nowMs - witness.touchedAtMs(each) < lagMs);
}

export function isHeld({ holds }: Sight, { labels, imageId }: MemoryContainer): boolean {
  return holds(labels[stackLabel] ?? '').some(
    (hold) =>
      hold.service === labels[serviceLabel] &&
      hold.generation === labels[generationLabel] &&
      hold.imageId === imageId,
  );
}

/** People have asked for it by name, or Git for nothing of the stack to run. */
export function isAskedFor({ cause }: Step): boolean {
  return cause.reason === 'Requested' || cause.reason === 'Inactive';
}

/** Stopped to be started again at once: people have asked for that container, or its network was restarted. */
export function isStartedAgain({ cause }: Step): boolean {
  return cause.path === 'network_mode' || cause.message.startsWith('restart was asked for');
}

/** To what it was then, which may be another thing altogether. */
export function isRolledBack({ laidOver }: Sight, { stack, service }: Found): boolean {
  return laidOver(stack.name).some((each) => each.kind === 'rolled-back' && each.service === service.name);
}
