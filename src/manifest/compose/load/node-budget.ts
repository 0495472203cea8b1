import type { Place } from '../../place.ts';
import { isList, isMap, type Tree } from '../../tree/tree.ts';
import { Unreadable } from './unreadable.ts';

/** How many more values a project may have, copies of what is extended or included several times among them. */
export type NodeBudget = { left: number };

/** @throws Unreadable when there are too many */
export function spendNodes(budget: NodeBudget, tree: Tree, place: Place): void {
  budget.left -= countNodes(tree);
  if (budget.left >= 0) return;
  place.error('the project has too many values', 'extend and include less');
  throw new Unreadable('too many values');
}

function countNodes(tree: Tree): number {
  if (!isMap(tree) && !isList(tree)) return 1;
  let count = 1;
  for (const member of Object.values(tree)) count += countNodes(member);
  return count;
}
