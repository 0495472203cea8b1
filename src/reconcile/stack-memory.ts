import type { DesiredStack } from '#domain/desired.ts';

/** What the loop remembers of a stack between cycles. All of it may be lost without harm. */
export type StackMemory = {
  /** Generations at the last convergence, by service: what was there once and is missing now, has drifted. */
  readonly appliedGenerations: Record<string, string>;
  /** Images with `pull_policy: always` already pulled for the present declaration. */
  readonly freshImages: Set<string>;
  contentHash: string | undefined;
};

export function createStackMemory(): StackMemory {
  return { appliedGenerations: {}, freshImages: new Set(), contentHash: undefined };
}

/** A changed declaration is pulled for anew. */
export function noteDeclaration(memory: StackMemory, stack: DesiredStack | undefined): void {
  if (memory.contentHash === stack?.contentHash) return;
  memory.contentHash = stack?.contentHash;
  memory.freshImages.clear();
}

export function noteConvergence(memory: StackMemory, stack: DesiredStack | undefined): void {
  for (const service of stack?.services ?? []) memory.appliedGenerations[service.name] = service.generation;
}
