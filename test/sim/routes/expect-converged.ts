// What has to come of a proxy when nothing befalls anybody any more.

import { comeToRest, expectQuiet } from './come-to-rest.ts';
import { compareServed } from './compare-served.ts';
import { compareWith, makeNew } from './compare-with-new.ts';
import { expectCalmCommit } from './expect-calm-commit.ts';
import { expectDeclared } from './expect-declared.ts';
import type { RouteWorld } from './route-world.ts';
import { look, restart } from './run-world.ts';

export async function expectConverged(world: RouteWorld): Promise<void> {
  await comeToRest(world);
  if (world.violation !== undefined) return;
  await expectQuiet(world, 'whatIsInSyncIsNotWritten');
  expectDeclared(world);
  if (world.violation !== undefined) return;
  const wanted = await makeNew(world);
  compareWith(world, wanted);
  await compareServed(world);
  restart(world);
  // What nginx refused before there was a host to note it in is tried once more.
  for (let looks = 0; looks < 2; looks += 1) await look(world);
  await expectQuiet(world, 'aNewDaemonFindsItInSync');
  compareWith(world, wanted);
  expectDeclared(world);
  if (world.violation === undefined) await expectCalmCommit(world);
}
