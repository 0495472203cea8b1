import { formatScalar } from '../text/format-scalar.ts';
import { isList, isMap, type Tree } from './tree.ts';

/** A value where text is needed, as Compose writes it. */
export function formatTree(value: Tree | undefined): string {
  if (value === undefined) return '';
  return value === null || isMap(value) || isList(value) ? JSON.stringify(value) : formatScalar(value);
}
