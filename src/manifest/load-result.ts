import type { DesiredState } from '#domain/desired.ts';
import type { Problem } from '#domain/problem.ts';

/**
 * A state repo as read at one revision. `invalid` is a fault of the whole (no or a broken fleet.yaml, no app
 * at all): then the last good state stays in force. A fault in one app stands in that app's `problems`, and
 * the others are loaded all the same.
 */
export type LoadResult =
  | { readonly kind: 'loaded'; readonly state: DesiredState }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };
