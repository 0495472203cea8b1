import { expect, it } from 'vitest';
import { httpRoute } from '#test/support/routes/declare-routes.ts';
import { declared, startNpmRouteRig } from '#test/support/routes/npm-route-rig.ts';

const count = 200;

function tally(calls: readonly { readonly method: string; readonly path: string }[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { method, path } of calls) {
    const key = `${method} ${path.replace(/\/\d+/, '/:id')}`;
    found[key] = (found[key] ?? 0) + 1;
  }
  return found;
}

function tell(what: string, figures: Record<string, number>): void {
  process.stdout.write(`${what} ${JSON.stringify(figures)}\n`);
}

it('200 routes are written once each; the next look is one list for each kind', async () => {
  await using rig = await startNpmRouteRig();
  const routes = Array.from({ length: count }, (_, n) => declared(httpRoute([`r${n}.test`])));
  await rig.declare({ routes });
  rig.npm.forget();
  const startedMs = performance.now();

  await rig.look();

  const first = tally(rig.npm.calls());
  const writes = rig.npm.writes();
  tell(`first sync of ${count} routes, ${Math.round(performance.now() - startedMs)} ms:`, first);
  expect(writes).toHaveLength(count);
  expect(new Set(writes.map(({ body }) => JSON.stringify(body))).size).toBe(count);
  expect(rig.daemon.board.reports().filter(({ state }) => state === 'ready')).toHaveLength(count);

  rig.npm.forget();
  await rig.look();

  const second = tally(rig.npm.calls());
  tell('second look:', second);
  expect(second).toEqual({
    'GET /api/': 1,
    'GET /api/nginx/proxy-hosts': 1,
    'GET /api/nginx/redirection-hosts': 1,
    'GET /api/nginx/dead-hosts': 1,
    'GET /api/nginx/streams': 1,
    'GET /api/nginx/access-lists': 1,
    'GET /api/nginx/certificates': 1,
  });
});
