import { isRetiredName } from '#domain/container-names.ts';
import type { DesiredStack } from '#domain/desired.ts';
import type { LaidOver } from '#domain/lay-overrides.ts';
import type { ObservedContainer, ObservedHost } from '#domain/observed.ts';
import { type BackgroundImages, createBackgroundImages } from './background-images.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import { createStepRecords, type StepRecords } from './step-records.ts';

/**
 * What the loop remembers of a stack between cycles. Losing it destroys nothing: failing steps are tried at
 * once again, and a container that was removed by hand under `drift: warn` is made again.
 */
export type StackMemory = {
  /** Generations at the last convergence, by service: what was there once and is missing now, has drifted. */
  readonly appliedGenerations: Record<string, string>;
  /** Images with `pull_policy: always` already pulled for the present declaration. */
  readonly freshImages: Set<string>;
  readonly records: StepRecords;
  readonly images: BackgroundImages;
  /** Since when a container has been seen as replaced, by id: its time to drain. */
  readonly retiredAtMs: Record<string, number>;
  /** What the engine showed to be as good as another generation, by container id. */
  readonly equalGenerations: Record<string, string>;
  readonly refusals: Refusals;
  contentHash: string | undefined;
  /** At the last convergence. */
  appliedContentHash: string | undefined;
};

export function createStackMemory(): StackMemory {
  return {
    appliedGenerations: {},
    freshImages: new Set(),
    records: createStepRecords(),
    images: createBackgroundImages(),
    retiredAtMs: {},
    equalGenerations: {},
    refusals: createRefusals(),
    contentHash: undefined,
    appliedContentHash: undefined,
  };
}

/** A changed declaration is pulled for anew, and nothing that failed before is held against it. */
export function noteDeclaration(memory: StackMemory, stack: DesiredStack | undefined): void {
  if (memory.contentHash === stack?.contentHash) return;
  memory.contentHash = stack?.contentHash;
  memory.freshImages.clear();
  memory.refusals.forget();
  memory.records.forgive('all');
}

/** Forgets containers that are gone, and replaced ones that serve again: replaced once more, they drain anew. */
export function noteRetired(memory: StackMemory, { containers }: ObservedHost, nowMs: number): void {
  const retired = containers.filter(isRetiredName);
  keepOnly(memory.equalGenerations, containers);
  keepOnly(memory.retiredAtMs, retired);
  for (const { id } of retired) {
    // A moment in the future is from before the clock was set back.
    memory.retiredAtMs[id] = Math.min(memory.retiredAtMs[id] ?? nowMs, nowMs);
  }
}

function keepOnly(record: Record<string, unknown>, containers: readonly ObservedContainer[]): void {
  const ids = new Set(containers.map(({ id }) => id));
  for (const id of Object.keys(record)) if (!ids.has(id)) delete record[id];
}

/** What is set aside has not arrived anywhere. */
export function noteConvergence(
  memory: StackMemory,
  stack: DesiredStack | undefined,
  setAside: LaidOver['setAside'],
): void {
  if (Object.keys(setAside).length === 0) memory.appliedContentHash = stack?.contentHash;
  for (const { name, generation } of stack?.services ?? []) {
    if (setAside[name] === undefined) memory.appliedGenerations[name] = generation;
  }
}
