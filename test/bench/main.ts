// What the program costs, each figure with its bound: `npm run bench`. Ends with 1 when one is above it.
//   --only NAME   that bench alone; may be given several times
//   --json FILE   writes the figures, too
//   --quick       shorter, for trying; such figures are not to be told
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type BenchHost, openBenchHost } from './bench-host.ts';
import { benches } from './benches.ts';
import { type BenchOptions, type Figure, formatFigure, isWithinBound } from './figure.ts';
import { measureAlone } from './measure-alone.ts';

type Result = { readonly bench: string; readonly figures: readonly Figure[] };

async function measureAll(names: readonly string[], options: BenchOptions): Promise<readonly Result[]> {
  const results: Result[] = [];
  await using host = createLazyHost();
  for (const [bench, how] of Object.entries(benches)) {
    if (names.length > 0 && !names.includes(bench)) continue;
    process.stdout.write(`${bench}\n`);
    const figures =
      how.kind === 'alone'
        ? await measureAlone(bench, options)
        : await (await how.load()).measure(await host.open(), options);
    for (const figure of figures) process.stdout.write(`${formatFigure(figure)}\n`);
    results.push({ bench, figures });
  }
  return results;
}

/** Set up once, and only when a bench needs it. */
function createLazyHost(): AsyncDisposable & { readonly open: () => Promise<BenchHost> } {
  let opened: Promise<BenchHost> | undefined;
  return {
    open: () => (opened ??= openBenchHost()),
    [Symbol.asyncDispose]: async () => (await opened)?.[Symbol.asyncDispose](),
  };
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const unknown = values.only.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  throw new Error(`no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
}
const results = await measureAll(values.only, { quick: values.quick });
if (values.json !== undefined) {
  const report = { quick: values.quick, node: process.version, results };
  await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
const broken = results.flatMap(({ figures }) => figures.filter((figure) => !isWithinBound(figure)));
if (broken.length > 0) {
  process.stdout.write(`\n${broken.length} above its bound:\n${broken.map(formatFigure).join('\n')}\n`);
  process.exitCode = 1;
}
