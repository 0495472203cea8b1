import { GitError } from '#ports/git-source.ts';

export type PackLimits = { readonly maxPackBytes: number; readonly maxObjects: number };

// Text compresses to a fifth or less, so a full pack may well unpack to several times its size.
const unpackedPerPackByte = 8;

/** The largest single object, unpacked: it is held in memory. */
export function maxObjectBytes(limits: PackLimits): number {
  return limits.maxPackBytes;
}

/** All objects together, unpacked: it takes time. */
export function maxUnpackedBytes(limits: PackLimits): number {
  return limits.maxPackBytes * unpackedPerPackByte;
}

/** The number of objects that a pack says it has. @throws GitError GIT_CORRUPT */
export function parsePackHeader(pack: Buffer, where: string): number {
  const isPack = pack.toString('latin1', 0, 4) === 'PACK' && [2, 3].includes(pack.readUInt32BE(4));
  if (!isPack) throw new GitError('GIT_CORRUPT', `${where} sent data that is not a pack`);
  return pack.readUInt32BE(8);
}

/** @throws GitError GIT_TOO_LARGE */
export function checkObjectCount(where: string, count: number, limits: PackLimits): void {
  if (count > limits.maxObjects) {
    throw toTooLarge(
      where,
      `it has ${count} objects; at most ${limits.maxObjects} are taken`,
      'repo.maxObjects',
    );
  }
}

export function toTooLarge(where: string, what: string, setting: string): GitError {
  return new GitError(
    'GIT_TOO_LARGE',
    `${where} is too large for a state repo: ${what}. Keep large files elsewhere, or raise ${setting}`,
  );
}
