/**
 * Seeds that found something, and what it was. A seed means what the generator and the calls of the product make of it:
 * after a change of either it is only a seed like any other, and what it found is told by
 * test/reconcile/routes/found-by-simulation.test.ts.
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
  { seed: 163, found: 'a 404 host whose creation was answered too late lost its TLS' },
  {
    seed: 202,
    found: 'an order of a certificate brought a refused host back into nginx, and broke it for all',
  },
  { seed: 364, found: 'a route in conflict kept a name that another route declares now' },
  { seed: 365, found: 'a route that was to be off stayed on, because nginx refused what else was declared' },
  { seed: 1881, found: 'what broke nginx was mended after what could not be done before' },
  { seed: 2113, found: 'a 404 host that nginx refuses was made once more' },
  { seed: 2195, found: 'an access list was written while a host of it had never been tested' },
  { seed: 2454, found: 'a list was made twice, because a write was sent again after a login' },
  { seed: 3728, found: 'a list that was changed back while nginx was broken never came to nginx' },
  {
    seed: 1024,
    found: 'a certificate was issued for a name that somebody had taken between the look and the order',
  },
  { seed: 1984, found: 'a certificate was issued for a host whose mark somebody had taken off meanwhile' },
  { seed: 2015, found: 'a certificate was issued for a host before that was taken over' },
  { seed: 7646, found: 'a host that was never tested broke nginx for all, and was not mended first' },
  { seed: 8263, found: 'a refused host was tried for ever, because the names of before were taken' },
  { seed: 9074, found: 'what nginx did not serve lost its body to a refused adoption' },
];
