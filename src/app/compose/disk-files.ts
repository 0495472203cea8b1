// Files of a Compose project on the disk of this machine, within limits.
import { open, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type { ReadResult } from '#manifest/compose/load/reading.ts';

export async function readDiskFile(path: string, maxBytes: number): Promise<ReadResult> {
  const facts = await stat(path).catch(toCode);
  if (typeof facts === 'string') return toResult(facts, path);
  // Often written where no file is meant.
  if (path === '/dev/null') return { kind: 'read', text: '' };
  if (facts.isDirectory()) return { kind: 'refused', message: `${path} is a directory` };
  if (!facts.isFile()) return { kind: 'refused', message: `${path} is not a regular file` };
  if (facts.size > maxBytes) {
    const message = `${path} has ${facts.size} bytes; at most ${maxBytes} are read`;
    return { kind: 'refused', message };
  }
  return decode(path, maxBytes);
}

/** Reads no more than is allowed, even of a file that grows meanwhile. */
async function decode(path: string, maxBytes: number): Promise<ReadResult> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes + 1));
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      buffer.subarray(0, bytesRead),
    );
    return { kind: 'read', text };
  } catch (error) {
    if (error instanceof TypeError) return { kind: 'refused', message: `${path} is not UTF-8 text` };
    return toResult(toCode(error), path);
  }
}

function toCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

function toResult(code: string, path: string): ReadResult {
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
  return { kind: 'refused', message: `${path} could not be read: ${code}` };
}

/** The first of these names that are there, in the order of `names`. */
export async function findFiles(directory: string, names: readonly string[]): Promise<readonly string[]> {
  const paths = names.map((name) => join(directory, name));
  const found = await Promise.all(paths.map((path) => stat(path).then(Boolean, () => false)));
  return paths.filter((_, index) => found[index]);
}

/** Relative to the directory where it lies below it. */
export function nameBelow(directory: string, path: string): string {
  const inside = relative(directory, path);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : inside;
}
