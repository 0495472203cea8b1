import { GitError } from '#ports/git-source.ts';

/** One packet of Git's wire format: its payload, or a flush (`0000`). */
export type Packet = Buffer | 'flush';

export function formatPktLine(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text;
}

/** Holds at most one packet (64 KiB) and one chunk. @throws GitError GIT_CORRUPT when the stream is no packets. */
export async function* readPackets(chunks: AsyncIterable<Buffer>, where: string): AsyncGenerator<Packet> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.byteLength >= 4) {
      const length = parseLength(rest, where);
      if (length === 0) {
        yield 'flush';
        rest = rest.subarray(4);
        continue;
      }
      if (rest.byteLength < length) break;
      yield rest.subarray(4, length);
      rest = rest.subarray(length);
    }
  }
  if (rest.byteLength > 0) {
    throw new GitError('GIT_CORRUPT', `The answer of ${where} ends in the middle of a packet`);
  }
}

function parseLength(buffer: Buffer, where: string): number {
  const hex = buffer.toString('latin1', 0, 4);
  const length = /^[0-9a-f]{4}$/i.test(hex) ? Number.parseInt(hex, 16) : -1;
  if (length < 0 || (length > 0 && length < 4)) {
    throw new GitError('GIT_CORRUPT', `The answer of ${where} is not in Git's packet format`);
  }
  return length;
}
