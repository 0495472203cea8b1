import { parseDeltaSizes } from './pack-entry.ts';

/**
 * What a delta makes of its base: a sequence of pieces copied from the base, and of bytes of its own. Undefined
 * when it reaches outside of either, or makes another number of bytes than it says.
 */
export function applyDelta(base: Buffer, delta: Buffer): Buffer | undefined {
  const sizes = parseDeltaSizes(delta);
  if (sizes === undefined || sizes.baseBytes !== base.byteLength) return undefined;
  const target = Buffer.alloc(sizes.targetBytes);
  let written = 0;
  let position = sizes.end;
  while (position < delta.byteLength) {
    const command = delta[position] ?? 0;
    const copy = command & 0x80 ? parseCopy(delta, position, command) : undefined;
    const source = copy === undefined ? delta : base;
    const { start, bytes, end } = copy ?? {
      start: position + 1,
      bytes: command,
      end: position + 1 + command,
    };
    if (command === 0 || start + bytes > source.byteLength || end > delta.byteLength) return undefined;
    if (written + bytes > target.byteLength) return undefined;
    written += source.copy(target, written, start, start + bytes);
    position = end;
  }
  return written === target.byteLength ? target : undefined;
}

/** Four bytes of the start and three of the length follow, lowest first; those whose bit is not set are zero. */
function parseCopy(
  delta: Buffer,
  position: number,
  command: number,
): { start: number; bytes: number; end: number } {
  let end = position + 1;
  let start = 0;
  let bytes = 0;
  for (let bit = 0; bit < 7; bit += 1) {
    if ((command & (1 << bit)) === 0) continue;
    const value = delta[end] ?? 0;
    if (bit < 4) start += value * 2 ** (8 * bit);
    else bytes += value * 2 ** (8 * (bit - 4));
    end += 1;
  }
  return { start, bytes: bytes === 0 ? 0x10000 : bytes, end };
}
