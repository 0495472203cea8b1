import { type FileHandle, open } from 'node:fs/promises';
import { GitError } from '#ports/git-source.ts';
import { printable } from './git-address.ts';
import { type GitRemote, sendGitRequest } from './git-http.ts';
import type { RemoteHead } from './look-up-remote.ts';
import { checkObjectCount, type PackLimits, parsePackHeader, toTooLarge } from './pack-limits.ts';
import { formatPktLine, type Packet, readPackets } from './pkt-line.ts';

const wantedCapabilities = ['side-band-64k', 'ofs-delta', 'no-progress'];

/**
 * Asks for one commit without its history and writes the pack to `file` as it comes, so that a pack that is too
 * large costs no more than the limit. The library's own fetch collects and inflates the pack before anyone
 * can look at it. @throws GitError
 */
export async function receivePack(
  remote: GitRemote,
  head: RemoteHead,
  target: { file: string; where: string; limits: PackLimits },
): Promise<void> {
  const answer = await sendGitRequest(remote, {
    url: new URL(`${head.baseUrl.href}/git-upload-pack`),
    expectedType: 'application/x-git-upload-pack-result',
    post: { body: formatRequest(head), contentType: 'application/x-git-upload-pack-request' },
  });
  const file = await open(target.file, 'wx');
  try {
    await writePack(readPackData(readPackets(answer.body, target.where), target.where, head), file, target);
    // After the rename, nobody may find a pack that is still only in memory.
    await file.sync();
  } finally {
    await file.close();
  }
}

function formatRequest(head: RemoteHead): Buffer {
  const capabilities = wantedCapabilities.filter((name) => head.capabilities.has(name));
  const want = [`want ${head.wantOid}`, ...capabilities, 'agent=shorefast'].join(' ');
  const depth = head.capabilities.has('shallow') ? formatPktLine('deepen 1\n') : '';
  return Buffer.from(`${formatPktLine(`${want}\n`)}${depth}0000${formatPktLine('done\n')}`);
}

async function writePack(
  data: AsyncIterable<Buffer>,
  file: FileHandle,
  { where, limits }: { where: string; limits: PackLimits },
): Promise<void> {
  let start: Buffer | undefined = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of data) {
    bytes += chunk.byteLength;
    if (bytes > limits.maxPackBytes) {
      throw toTooLarge(where, `its pack has more than ${limits.maxPackBytes} bytes`, 'repo.maxPackBytes');
    }
    if (start !== undefined) {
      start = Buffer.concat([start, chunk]);
      if (start.byteLength >= 12) {
        checkObjectCount(where, parsePackHeader(start, where), limits);
        start = undefined;
      }
    }
    await file.writeFile(chunk);
  }
  if (start !== undefined) throw new GitError('GIT_CORRUPT', `${where} sent no pack`);
}

/** First lines of text (`shallow …`, `NAK`), then packets whose first byte tells data, progress or error. */
async function* readPackData(
  packets: AsyncIterable<Packet>,
  where: string,
  head: RemoteHead,
): AsyncGenerator<Buffer> {
  let acknowledged = false;
  for await (const packet of packets) {
    if (packet === 'flush') {
      if (acknowledged) return;
    } else if (!acknowledged) {
      const line = packet.toString('utf8');
      if (line.startsWith('ERR ')) throw toRefusal(line.slice(4), where, head);
      acknowledged = line.startsWith('NAK');
    } else if (packet[0] === 1) {
      yield packet.subarray(1);
    } else if (packet[0] === 3) {
      throw toRefusal(packet.toString('utf8', 1), where, head);
    }
  }
  throw new GitError('GIT_CORRUPT', `${where} stopped sending before the pack was complete`);
}

function toRefusal(text: string, where: string, head: RemoteHead): GitError {
  const message = printable(text).trim();
  return /not our ref|no such|unadvertised/i.test(message)
    ? new GitError('GIT_REF_NOT_FOUND', `${where} does not give out ${head.wantOid}: ${message}`)
    : new GitError('GIT_UNREACHABLE', `${where} could not send the commit: ${message}`);
}
