/** One entry of a tar file: a file with content, or a symbolic link. */
export type TarEntry =
  | { readonly path: string; readonly content: Buffer | string; readonly mode?: number }
  | { readonly path: string; readonly linkTo: string }
  | { readonly path: string; readonly directory: true };

const blockBytes = 512;

/** A ustar archive; equal entries give equal bytes, so that equal images have equal ids. */
export function createTar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(toBlocks), Buffer.alloc(2 * blockBytes)]);
}

function toBlocks(entry: TarEntry): Buffer[] {
  const { path } = entry;
  if ('linkTo' in entry) return [createHeader(path, { mode: 0o777, type: '2', link: entry.linkTo })];
  if ('directory' in entry) return [createHeader(`${path}/`, { mode: 0o755, type: '5' })];
  const content = Buffer.from(entry.content);
  const padding = Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes);
  const header = createHeader(path, { size: content.length, mode: entry.mode ?? 0o644, type: '0' });
  return [header, content, padding];
}

type HeaderFacts = { size?: number; mode: number; type: '0' | '2' | '5'; link?: string };

function createHeader(path: string, { size = 0, mode, type, link = '' }: HeaderFacts): Buffer {
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(path, 0, 100);
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  // The checksum is taken with its own field full of blanks.
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(link, 157, 100);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
