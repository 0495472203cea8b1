export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

const objectTypes: readonly (ObjectType | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag'];

/** The head of one object in a pack. */
export type PackEntry = {
  readonly kind: 'whole' | 'offset-delta' | 'ref-delta';
  /** Of what is whole. */
  readonly type?: ObjectType;
  /** Inflated; of a delta, the size of the delta itself. */
  readonly bytes: number;
  /** Where the zlib stream begins. */
  readonly dataOffset: number;
  readonly baseOffset?: number;
  readonly baseOid?: string;
};

export function isDelta(entry: PackEntry): boolean {
  return entry.kind !== 'whole';
}

/**
 * Undefined when there is no object of a known kind. `bufferStart` is where in the pack the buffer begins, when
 * it is only a part of it.
 */
export function parsePackEntry(pack: Buffer, offset: number, bufferStart = 0): PackEntry | undefined {
  const first = pack[offset];
  if (first === undefined) return undefined;
  const type = (first >> 4) & 7;
  let bytes = first & 15;
  let position = offset + 1;
  if (first & 0x80) {
    const more = parseSize(pack, position);
    if (more === undefined) return undefined;
    bytes += more.value * 16;
    position = more.end;
  }
  const wholeType = objectTypes[type];
  if (wholeType !== undefined) return { kind: 'whole', type: wholeType, bytes, dataOffset: position };
  if (type === 6) return parseOffsetDelta(pack, { offset: bufferStart + offset, position, bytes });
  if (type !== 7 || position + 20 > pack.byteLength) return undefined;
  const baseOid = pack.toString('hex', position, position + 20);
  return { kind: 'ref-delta', bytes, dataOffset: position + 20, baseOid };
}

/** Of what a delta makes of its base. */
export function parseDeltaTargetBytes(delta: Buffer): number {
  return parseDeltaSizes(delta)?.targetBytes ?? 0;
}

/** A delta begins with the sizes of its base and of what it makes of it; `end` is where its commands begin. */
export function parseDeltaSizes(
  delta: Buffer,
): { baseBytes: number; targetBytes: number; end: number } | undefined {
  const base = parseSize(delta, 0);
  const target = base === undefined ? undefined : parseSize(delta, base.end);
  if (base === undefined || target === undefined) return undefined;
  return { baseBytes: base.value, targetBytes: target.value, end: target.end };
}

/** Seven bits a byte, lowest first. By multiplication, as shifts would wrap at 32 bits and make 4 GB look small. */
function parseSize(buffer: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0;
  let factor = 1;
  for (let position = start; position < start + 7; position++) {
    const byte = buffer[position];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if ((byte & 0x80) === 0) return { value, end: position + 1 };
  }
  return undefined;
}

function parseOffsetDelta(
  pack: Buffer,
  { offset, position, bytes }: { offset: number; position: number; bytes: number },
): PackEntry | undefined {
  let distance = -1;
  for (let next = position; next < position + 7; next++) {
    const byte = pack[next];
    if (byte === undefined) return undefined;
    distance = (distance + 1) * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    return distance > 0 && distance < offset
      ? { kind: 'offset-delta', bytes, dataOffset: next + 1, baseOffset: offset - distance }
      : undefined;
  }
  return undefined;
}
