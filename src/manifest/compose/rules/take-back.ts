import { isMap, type Tree } from '../../tree/tree.ts';

/** Removes what a later file tags `!reset` or `!override`. Changes the tree. */
export function takeBack(tree: Tree, resets: readonly (readonly string[])[]): void {
  for (const path of resets) removeAt(tree, path);
}

/** Entries of lists have no names: none of them can be taken back. */
function removeAt(tree: Tree, path: readonly string[]): void {
  const [key, ...rest] = path;
  if (key === undefined || !isMap(tree) || tree[key] === undefined) return;
  if (rest.length === 0) delete tree[key];
  else removeAt(tree[key], rest);
}
