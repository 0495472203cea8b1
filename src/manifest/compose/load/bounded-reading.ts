import type { Reading, ReadResult } from './reading.ts';

// Files of a project may name each other, and the same one, without end.
const maxFiles = 500;
const maxBytes = 4 * 1024 * 1024;

/** The same, where each file is read once, and all of them together are bounded. */
export function boundReading(reading: Reading): Reading {
  const known = new Map<string, Promise<ReadResult>>();
  let bytes = 0;

  async function read(path: string): Promise<ReadResult> {
    if (known.size > maxFiles) {
      return { kind: 'refused', message: `more than ${maxFiles} files are read for one project` };
    }
    const result = await reading.readFile(path);
    if (result.kind !== 'read') return result;
    bytes += result.text.length;
    if (bytes <= maxBytes) return result;
    return { kind: 'refused', message: `more than ${maxBytes} bytes are read for one project` };
  }

  return {
    ...reading,
    readFile(path) {
      const result = known.get(path) ?? read(path);
      known.set(path, result);
      return result;
    },
  };
}
