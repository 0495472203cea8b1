import { open } from 'node:fs/promises';

/** Reads parts of files that never change: fewer bytes only where the file ends. */
export type BlockReader = { read(path: string, offset: number, bytes: number): Promise<Buffer> };

const blockBytes = 64 * 1024;
const maxBlocks = 32;

/**
 * Objects that are read one after the other mostly lie side by side in their pack, and are small: reading by
 * blocks opens the pack a few times instead of once for each.
 */
export function createBlockReader(): BlockReader {
  const blocks = new Map<string, Promise<Buffer>>();

  function readBlock(path: string, number: number): Promise<Buffer> {
    const key = `${number} ${path}`;
    const known = blocks.get(key);
    if (known !== undefined) return known;
    const block = readPart(path, number * blockBytes, blockBytes);
    // What could not be read now may be readable later.
    block.catch(() => blocks.delete(key));
    blocks.set(key, block);
    const [oldest = key] = blocks.keys();
    if (blocks.size > maxBlocks) blocks.delete(oldest);
    return block;
  }

  return {
    async read(path, offset, bytes) {
      const number = Math.floor(offset / blockBytes);
      const start = offset - number * blockBytes;
      if (start + bytes > 2 * blockBytes) return readPart(path, offset, bytes);
      const block = await readBlock(path, number);
      const isInside = start + bytes <= blockBytes || block.byteLength < blockBytes;
      if (isInside) return block.subarray(start, start + bytes);
      return Buffer.concat([block, await readBlock(path, number + 1)]).subarray(start, start + bytes);
    },
  };
}

/** Up to so many bytes of a file. @throws what the file system throws, when there is no such file too */
export async function readPart(path: string, offset: number, bytes: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await file.read(buffer, 0, bytes, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
