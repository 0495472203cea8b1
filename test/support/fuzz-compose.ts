// Reads spoilt Compose files; the test beside runs it in a process with little memory.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Problem } from '#domain/problem.ts';
import { formatProblem } from '#domain/problem.ts';
import { formatProject } from '#manifest/compose/format-project.ts';
import { readProject } from '#manifest/compose/read-project.ts';
import { defaultManifestLimits } from '#manifest/manifest-limits.ts';
import { parseYamlDocuments } from '#manifest/yaml/parse-yaml.ts';
import { createMemoryReading } from './memory-reading.ts';
import { mutations } from './mutate-yaml.ts';

const root = join(import.meta.dirname, '../compose-cases');
const texts = readdirSync(root)
  .map((name) => join(root, name, 'compose.yaml'))
  .filter((path) => existsSync(path))
  .map((path) => readFileSync(path, 'utf8'));

const others: Readonly<Record<string, string>> = {
  '.env': 'A=1\nB="two"\n',
  'other.yaml': 'services: { a: { image: other, ports: ["80"] } }',
};

const spoilt = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.array(mutations, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('alone', 'over', 'under'),
  )
  .map(([text, changes, place]) => {
    const changed = changes.reduce((before, change) => change(before), text);
    const file = ['/p/compose.yaml', changed] as const;
    const whole = ['/p/whole.yaml', text] as const;
    return new Map(place === 'alone' ? [file] : place === 'over' ? [whole, file] : [file, whole]);
  });

type Files = ReadonlyMap<string, string>;

const changes = { variables: new Map([['A', '1']]), profiles: ['*'] };

function byName(files: Files): Readonly<Record<string, string>> {
  const named = [...files].map(([path, text]) => [path.replace('/p/', ''), text] as const);
  return { ...others, ...Object.fromEntries(named) };
}

async function readFiles(files: Files): Promise<{ isRead: boolean; problems: Problem[]; elapsedMs: number }> {
  const problems: Problem[] = [];
  const startedAt = performance.now();
  const result = await readProject(
    [...files.keys()],
    createMemoryReading(byName(files), { problems, ...changes }),
  );
  if (result.kind === 'read') JSON.stringify(formatProject(result, 'json'));
  return { isRead: result.kind === 'read', problems, elapsedMs: performance.now() - startedAt };
}

async function check(files: Files): Promise<void> {
  const { isRead, problems, elapsedMs } = await readFiles(files);
  // Another process may have had the processor: what is slow is slow again.
  const slow = elapsedMs > maxMs ? (await readFiles(files)).elapsedMs : elapsedMs;
  if (slow > maxMs) throw new Error(`reading took ${Math.round(slow)} ms`);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (isRead !== (errors.length === 0)) {
    throw new Error(`${isRead ? 'read' : 'refused'} with ${errors.length} errors`);
  }
  const isYaml = [...files.values()].every(
    (text) => parseYamlDocuments('', text, defaultManifestLimits, 10).kind === 'parsed',
  );
  const lost = errors.filter(({ file, line, column }) => file === '' || (isYaml && !(line && column)));
  if (lost.length > 0) throw new Error(`without a place: ${lost.map(formatProblem).join('; ')}`);
}

const maxMs = 1000;
const numRuns = Number(process.argv[2]);
await fc.assert(fc.asyncProperty(spoilt, check), { numRuns });
process.stdout.write(`${numRuns} files\n`);
