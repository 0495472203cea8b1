import { adminCredentials } from '#test/support/npm/start-npm.ts';
import { findCanaries } from '#test/support/routes/find-canaries.ts';
import { fail, type RouteWorld } from './route-world.ts';

/** Of what daemons told anybody. */
export function findLeaks(world: RouteWorld): void {
  const { accessLists, certificates } = world.declaration.proxy;
  const passwords = accessLists.flatMap(({ users }) => users.map(({ password }) => password));
  const keys = certificates.map(({ keyPem }) => keyPem.split('\n')[1] ?? '');
  const leaks = findCanaries(JSON.stringify(world.told), [adminCredentials.secret, ...passwords, ...keys]);
  if (leaks.length > 0) fail(world, 'secretsStayInside', leaks.join());
}
