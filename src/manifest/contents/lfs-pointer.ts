const beginning = new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n');
const largestPointerBytes = 1024;

/** What Git LFS commits in place of a file. To deliver that would replace the content by a note about it. */
export function isLfsPointer(bytes: Uint8Array): boolean {
  if (bytes.byteLength > largestPointerBytes) return false;
  return beginning.every((byte, index) => bytes[index] === byte);
}
