import { openBenchHost } from './bench-host.ts';
import { formatFigure } from './figure.ts';

const { measure } = await import(`./${process.argv[2]}.ts`);
await using host = await openBenchHost();
for (const f of await measure(host, { quick: process.argv[3] === 'quick' })) console.log(formatFigure(f));
