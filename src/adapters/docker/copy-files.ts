import { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import type { FileBatch } from '#domain/delivered-file.ts';
import type { DockerClient } from './docker-client.ts';
import { tarEnd, toTarBlocks } from './tar.ts';

/**
 * Puts the files into a container, one call for each place. Directories that are not there come with them
 * (root's, 0755: the engine makes them); those that are there keep what they have. @throws EngineError
 */
export async function copyFiles(
  id: string,
  batches: readonly FileBatch[],
  client: DockerClient,
  signal: AbortSignal,
): Promise<void> {
  for (const batch of batches) {
    await client.call({
      operation: 'copy-files',
      method: 'PUT',
      path: `/containers/${id}/archive`,
      query: { path: batch.into, noOverwriteDirNonDir: '1' },
      archive: toArchive(batch),
      signal,
    });
  }
}

function toArchive({ into, files }: FileBatch): Buffer {
  const blocks = files.flatMap(({ target, mode, uid, gid, contentBase64 }) =>
    toTarBlocks({
      kind: 'file',
      path: posix.relative(into, target),
      content: Buffer.from(contentBase64, 'base64'),
      mode,
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    }),
  );
  return Buffer.concat([...blocks, tarEnd]);
}
