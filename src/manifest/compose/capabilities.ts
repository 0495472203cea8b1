/** `net_admin` → `CAP_NET_ADMIN`; sorted, each once; `ALL` stays as it is. */
export function toCapabilities(names: readonly string[]): readonly string[] {
  const normalized = names.map((name) => {
    const upper = name.trim().toUpperCase();
    return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  });
  return [...new Set(normalized)].sort();
}
