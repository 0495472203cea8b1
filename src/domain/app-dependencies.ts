import type { DesiredStack } from './desired.ts';

/** The stack of another app that a stack waits for: that of the same stage, or the only one. */
export function findDependencyStack(
  stack: Pick<DesiredStack, 'stage'>,
  others: readonly DesiredStack[],
): DesiredStack | undefined {
  const [only, second] = others;
  if (only !== undefined && second === undefined && only.stage === undefined) return only;
  if (stack.stage === undefined) return second === undefined ? only : undefined;
  return others.find(({ stage }) => stage === stack.stage);
}
