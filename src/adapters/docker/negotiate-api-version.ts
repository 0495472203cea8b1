import { compareApiVersions } from '#domain/api-version.ts';
import { EngineError } from '#ports/engine.ts';

/** The newest version whose shapes we know and test, and the oldest that we can work with. */
const newestApiVersion = '1.51';
const oldestApiVersion = '1.41';

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
