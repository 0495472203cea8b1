/** FNV-1a over the ids: a name for exactly this set, whatever its order; not a secret. */
export function toSetToken(ids: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const character of ids.toSorted().join(',')) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}
