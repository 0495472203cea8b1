/**
 * Whether what nginx complains of may end without any change of the declaration: a name that does not resolve yet, a
 * certificate whose files are being written, whatever the system says (`failed (2: No such file or directory)`).
 */
export function isOutsideCause(complaint: string): boolean {
  return /host not found in |cannot load certificate|failed \(\d+: /.test(complaint);
}
