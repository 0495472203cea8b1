import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the hash of a specification is made, in the bundle, and what stands there in a later version. */
const changes: readonly (readonly [from: RegExp, to: string])[] = [
  [/specHashVersion ?= ?"v1"/, 'specHashVersion="v2"'],
  [/hashContent\(\{ ?spec:/, 'hashContent({algorithm:2,spec:'],
  [/hashContent\(\{ ?core ?\}\)/, 'hashContent({algorithm:2,core})'],
];

/**
 * The program as it would be after its hash algorithm has changed: the same input gives another generation.
 * @throws when the bundle no longer has what is to be changed
 */
export async function writeBundleOfOtherHash(bundle: string) {
  let text = await readFile(bundle, 'utf8');
  for (const [from, to] of changes) {
    if (!from.test(text)) throw new Error(`the bundle has nothing like ${from}`);
    text = text.replace(from, to);
  }
  const directory = await mkdtemp(join(tmpdir(), 'shorefast-bundle-'));
  const program = join(directory, 'shorefast.mjs');
  await writeFile(program, text);
  return { program, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}
