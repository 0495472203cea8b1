import { isRetiredName } from '#domain/container-names.ts';
import type { DesiredStack } from '#domain/desired.ts';
import type { HookKind } from '#domain/hook.ts';
import type { LaidOver } from '#domain/lay-overrides.ts';
import type { ObservedHost } from '#domain/observed.ts';
import { type BackgroundImages, createBackgroundImages } from './background-images.ts';
import { type BackgroundProbes, createBackgroundProbes } from './background-probes.ts';
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
  readonly probes: BackgroundProbes;
  /** Since when a container has been seen as replaced, by id: its time to drain. */
  readonly retiredAtMs: Record<string, number>;
  /** Ends of hooks that have been noted, and the versions for which they succeeded. */
  readonly hooks: { readonly noted: Set<string>; readonly succeeded: Partial<Record<HookKind, string>> };
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
    probes: createBackgroundProbes(),
    retiredAtMs: {},
    hooks: { noted: new Set(), succeeded: {} },
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
  memory.probes.forgetFailed();
}

/** Forgets containers that are gone, and replaced ones that serve again: replaced once more, they drain anew. */
export function noteRetired(memory: StackMemory, observed: ObservedHost, nowMs: number): void {
  const ids = new Set(observed.containers.map(({ id }) => id));
  const retired = new Set(observed.containers.filter(isRetiredName).map(({ id }) => id));
  for (const id of Object.keys(memory.retiredAtMs)) if (!retired.has(id)) delete memory.retiredAtMs[id];
  for (const id of memory.hooks.noted) if (!ids.has(id)) memory.hooks.noted.delete(id);
  memory.probes.keepOnly(observed);
  for (const id of retired) {
    // A moment in the future is from before the clock was set back.
    memory.retiredAtMs[id] = Math.min(memory.retiredAtMs[id] ?? nowMs, nowMs);
  }
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
