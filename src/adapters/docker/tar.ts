// Just enough of tar for what an engine takes: ustar headers, and a pax header before names that they cannot hold.
import { Buffer } from 'node:buffer';

export type TarEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly content: Uint8Array;
      readonly mode: number;
      readonly uid?: number;
      readonly gid?: number;
    }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'symlink'; readonly path: string; readonly linkTo: string };

const blockBytes = 512;
const longestName = 100;
const largestId = 0o7777777;
// A fixed time, so that equal trees give equal archives; in 1970 it could not be put into a zip file.
const modifiedAtSeconds = 1_577_836_800;

/** What has to stand after the last entry. */
export const tarEnd: Uint8Array = Buffer.alloc(2 * blockBytes);

/** Header, content and padding of one entry. `path` has no leading slash. */
export function toTarBlocks(entry: TarEntry): readonly Uint8Array[] {
  const path = entry.kind === 'directory' ? `${entry.path}/` : entry.path;
  switch (entry.kind) {
    case 'directory':
      return [...toPaxBlocks({ path }), toHeader({ path, type: '5', mode: entry.mode })];
    case 'symlink': {
      const { linkTo } = entry;
      return [...toPaxBlocks({ path, linkpath: linkTo }), toHeader({ path, type: '2', mode: 0o777, linkTo })];
    }
    case 'file': {
      const { content, mode, uid = 0, gid = 0 } = entry;
      const ids = {
        ...(uid > largestId && { uid: String(uid) }),
        ...(gid > largestId && { gid: String(gid) }),
      };
      const header = toHeader({ path, type: '0', mode, uid, gid, size: content.byteLength });
      return [...toPaxBlocks({ path, ...ids }), header, ...toPadded(content)];
    }
  }
}

function toPadded(content: Uint8Array): readonly Uint8Array[] {
  const rest = content.byteLength % blockBytes;
  return rest === 0 ? [content] : [content, Buffer.alloc(blockBytes - rest)];
}

/** Only for what does not fit into the plain header. */
function toPaxBlocks(facts: Readonly<Record<string, string>>): readonly Uint8Array[] {
  const isName = (key: string) => key === 'path' || key === 'linkpath';
  const needed = Object.entries(facts).filter(
    ([key, value]) => !isName(key) || Buffer.byteLength(value) > longestName,
  );
  if (needed.length === 0) return [];
  const content = Buffer.from(needed.map(([key, value]) => toPaxRecord(key, value)).join(''));
  const header = toHeader({ path: 'PaxHeader', type: 'x', mode: 0o644, size: content.byteLength });
  return [header, ...toPadded(content)];
}

/** `<length> key=value\n`, the length counting itself. */
function toPaxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const restBytes = Buffer.byteLength(rest);
  let length = restBytes + 1;
  while (restBytes + String(length).length !== length) length += 1;
  return `${length}${rest}`;
}

type HeaderFacts = {
  readonly path: string;
  readonly type: '0' | '2' | '5' | 'x';
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly size?: number;
  readonly linkTo?: string;
};

function toHeader({ path, type, mode, uid = 0, gid = 0, size = 0, linkTo = '' }: HeaderFacts): Uint8Array {
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(path, 0, longestName);
  header.write(octal(mode, 7), 100);
  header.write(octal(Math.min(uid, largestId), 7), 108);
  header.write(octal(Math.min(gid, largestId), 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(modifiedAtSeconds, 11), 136);
  // The checksum is taken with its own field full of blanks.
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(linkTo, 157, longestName);
  header.write('ustar\x0000', 257);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
