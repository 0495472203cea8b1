import type { StepResult } from '#ports/engine.ts';

/** What the engine remarked in its answer; it says so under different names, and often null. */
export function toStepResult(answer: unknown): StepResult {
  if (typeof answer !== 'object' || answer === null) return { warnings: [] };
  const { Warnings: list, Warning: single } = answer as { Warnings?: unknown; Warning?: unknown };
  const warnings: unknown[] = [...(Array.isArray(list) ? list : []), single];
  return { warnings: warnings.filter((each) => typeof each === 'string').filter((each) => each !== '') };
}
