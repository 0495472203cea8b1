/**
 * Seeds that found something, and what it was. Each of them fails again when its remedy is taken away. A seed means
 * what the generator makes of it: after a change of the generator they are only seeds like any other, and what they
 * found is told by test/reconcile/routes/found-by-simulation.test.ts.
 */
export const regressions: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 40, found: '`certificate: auto` chose one of ours that was declared no more, which so never went' },
  { seed: 45, found: 'a route that waited for the name of a refused one kept what was declared no more' },
  {
    seed: 2085,
    found: 'a certificate was issued for a name of another host, which lost its access list and its TLS',
  },
  {
    seed: 2238,
    found: 'a body that nginx refused stayed in a row, and broke nginx with the next write of its list',
  },
  { seed: 5062, found: 'a route that was blocked kept the host of a former one, which so never went' },
];
