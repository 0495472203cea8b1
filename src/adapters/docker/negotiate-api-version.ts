import { EngineError } from '#ports/engine.ts';

/** The newest version whose shapes we know and test, and the oldest that we can work with. */
const newestApiVersion = '1.51';
const oldestApiVersion = '1.41';

/** From here on a container can be created with all its networks, each with its own MAC address. */
export const multiEndpointApiVersion = '1.44';

/** < 0 when `a` is older than `b`. Versions are two numbers, not a fraction: 1.5 is older than 1.41. */
export function compareApiVersions(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor - bMajor || aMinor - bMinor;
}

/**
 * The version to speak with an engine that speaks at most `theirs` (the header of its ping).
 * @throws EngineError ENGINE_API_TOO_OLD
 */
export function resolveApiVersion(theirs: string | undefined): string {
  if (theirs === undefined || !/^\d+\.\d+$/.test(theirs)) {
    throw new EngineError(
      'ENGINE_FAILED',
      'what answers there is not a Docker Engine: its ping names no API version',
    );
  }
  if (compareApiVersions(theirs, oldestApiVersion) < 0) {
    const message = `the engine speaks API ${theirs} at most; ${oldestApiVersion} (Docker 20.10) is the oldest supported`;
    throw new EngineError('ENGINE_API_TOO_OLD', message, { reaction: 'stall' });
  }
  return compareApiVersions(theirs, newestApiVersion) < 0 ? theirs : newestApiVersion;
}
