import { runnableRouteSteps } from '#domain/routes/order-route-steps.ts';
import { callMs } from './deadlines.ts';
import { findOrderFault } from './find-order-fault.ts';
import { fail, type RouteWorld } from './route-world.ts';
import { look } from './run-world.ts';

const longestCalmLooks = 60;

/** Looks until nothing is left to do. */
export async function comeToRest(world: RouteWorld): Promise<void> {
  const made = world.rig.npm.calls().length;
  let faults: readonly string[] = ['not looked yet'];
  let areOrdersOver = false;
  for (let looks = 0; looks < longestCalmLooks && faults.length > 0; looks += 1) {
    await look(world);
    if (world.violation !== undefined) return;
    const approved = approve(world);
    const { board } = world.rig.daemon;
    const runnable = runnableRouteSteps(board.plan() ?? { steps: [] });
    faults = [approved, board.failure()?.message ?? [], runnable.map(({ cause }) => cause.message)].flat();
    if (faults.length > 0 || areOrdersOver) continue;
    // Of an order that NPM has left behind when it died, nobody can tell that it is over but by its age.
    world.rig.clock.pass(callMs);
    areOrdersOver = true;
    faults = ['an order may be under way'];
  }
  if (faults.length > 0) fail(world, 'itComesToRest', faults.join('; '));
  const order = findOrderFault(world.rig.npm.calls().slice(made));
  if (order !== undefined) fail(world, 'whatIsSharedGoesLast', order);
}

/** Somebody reads the status, and says yes to all that has not been let go yet. */
function approve({ rig }: RouteWorld): readonly string[] {
  const tokens = (rig.daemon.board.plan()?.blocks ?? []).flatMap(
    ({ unblock }) => /^shorefast approve (\w+)$/.exec(unblock)?.[1] ?? [],
  );
  for (const token of tokens) rig.approvals.approve(token);
  return tokens;
}

/** One more look writes nothing. */
export async function expectQuiet(world: RouteWorld, invariant: string): Promise<void> {
  const { rig } = world;
  const before = rig.npm.writes().length;
  await rig.look();
  const writes = rig.npm.writes().slice(before);
  if (writes.length > 0) fail(world, invariant, writes.map(({ method, path }) => `${method} ${path}`).join());
}
