import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readLines } from '#adapters/docker/ndjson.ts';

async function collect(stream: Readable): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const line of readLines(stream)) lines.push(line);
  return lines;
}

function streamOf(...chunks: (string | Buffer)[]): Readable {
  return Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
}

it('a character split between two chunks stays whole', async () => {
  const bytes = Buffer.from('{"status":"läuft ✓"}\n');

  const lines = await collect(streamOf(...[...bytes].map((byte) => Buffer.from([byte]))));

  expect(lines).toEqual([{ status: 'läuft ✓' }]);
});

it('several objects in one chunk, blank lines and a missing last line end are read', async () => {
  const lines = await collect(streamOf('{"a":1}\r\n\n{"b":2}\n{"c"', ':3}'));

  expect(lines).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
});

it('a line that is no object is an error, not an exception out of nowhere', async () => {
  await expect(collect(streamOf('{"a":1}\nnull\n'))).rejects.toMatchObject({
    code: 'ENGINE_FAILED',
  });
});

it('a line without end is refused instead of kept', async () => {
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(64 * 1024, 'x');
    })(),
  );

  await expect(collect(endless)).rejects.toThrow(/more than 1048576 characters/);
  expect(endless.destroyed).toBe(true);
});
