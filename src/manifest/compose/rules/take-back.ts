import { isList, isMap, type Tree } from '../../tree/tree.ts';

/** Removes what a later file tags `!reset` or `!override`. Changes the tree. */
export function takeBack(tree: Tree, resets: readonly (readonly string[])[]): void {
  for (const path of resets) removeAt(tree, path);
}

function removeAt(tree: Tree, path: readonly string[]): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (isMap(tree)) {
    if (rest.length === 0) delete tree[key];
    else if (tree[key] !== undefined) removeAt(tree[key], rest);
  } else if (isList(tree)) {
    const entry = tree[Number(key)];
    if (entry !== undefined && rest.length > 0) removeAt(entry, rest);
  }
}
