import type { FieldPair } from './compare-fields.ts';

/** By id: a name may stand for another image today. */
export function compareImage(ref: string, wantedId: string, foundId: string): FieldPair {
  const show = (id: string) => `${ref} (${id.replace(/^sha256:/, '').slice(0, 12)})`;
  // Ids that differ may begin alike.
  return wantedId === foundId ? ['image', undefined, ''] : ['image', show(wantedId), show(foundId)];
}
