const hashesStart = 8 + 256 * 4;

/**
 * Where in its pack an object begins, by the pack's index. Version 2 of it: magic, version, 256 running counts,
 * then hashes, checksums and offsets in hash order.
 */
export function findOffset(index: Buffer, oid: string): number | undefined {
  if (index.byteLength < hashesStart) return undefined;
  const countUpTo = (byte: number) => (byte < 0 ? 0 : index.readUInt32BE(8 + byte * 4));
  const wanted = Buffer.from(oid, 'hex');
  const firstByte = wanted[0] ?? 0;
  let low = countUpTo(firstByte - 1);
  let high = countUpTo(firstByte);
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = hashesStart + middle * 20;
    const order = wanted.compare(index, start, start + 20);
    if (order === 0) return index.readUInt32BE(hashesStart + countUpTo(255) * 24 + middle * 4);
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return undefined;
}
