import { testOwner } from '#test/support/builders.ts';
import { liveRows, type Row } from '#test/support/npm/npm-state.ts';
import { observeHosts, tablesOfKinds } from '#test/support/routes/observe-hosts.ts';
import { fail, type RouteWorld } from './route-world.ts';

/** What nginx has of our hosts is what NPM would write of them now: no list and no TLS was lost on the way. */
export async function compareServed(world: RouteWorld): Promise<void> {
  const { rig, weather } = world;
  // Nobody looks after the host of a route that is blocked, or waits for a name that a refused one keeps: what somebody
  // took from it (a list that was deleted takes its TLS along, quirk 9) comes back when it can be written.
  const blocked = rig.daemon.board
    .reports()
    .filter(({ state }) => state === 'conflict' || state === 'refused' || state === 'waiting');
  for (const { kind, id, enabled, online, marker } of observeHosts(rig.npm)) {
    const isOn = enabled && online === true;
    if (marker?.owner !== testOwner || !isOn || kind === 'dead-host' || world.violation) continue;
    if (blocked.some(({ route }) => route === marker.route)) continue;
    const path = [...rig.npm.nginx.running().keys()].find((each) =>
      each.endsWith(`${tablesOfKinds[kind]}/${id}.conf`),
    );
    const before = path && rig.npm.nginx.running().get(path);
    const row = liveRows(rig.npm.state, tablesOfKinds[kind]).find((each) => each.id === id) as Row;
    const kept = structuredClone(row);
    await weather.asSomebodyElse(() =>
      rig.human.call('PUT', `/nginx/${kind}s/${id}`, {
        certificate_id: row['certificate_id'],
        meta: row['meta'] as object,
      }),
    );
    const after = path && rig.npm.nginx.running().get(path);
    Object.assign(row, kept);
    if (before === undefined || before !== after) {
      fail(world, 'whatIsServedIsWhatTheRowSays', `${kind} ${id}: ${String(before)} ← ${String(after)}`);
    }
  }
}
