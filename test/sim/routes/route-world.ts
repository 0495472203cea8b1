// One proxy, the daemon that looks after it, what Git says, and what is known of it all.
import type { NpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import type { Random } from '../random.ts';
import type { RandomDeclaration } from './declare-at-random.ts';
import type { Weather } from './weather.ts';

export type Violation = { readonly invariant: string; readonly message: string };

export type RouteWorld = {
  readonly random: Random;
  readonly rig: NpmRouteRig;
  readonly weather: Weather;
  readonly tell: (line: string) => void;
  declaration: RandomDeclaration;
  /** All that was told by daemons that were killed, too. */
  readonly told: unknown[];
  foreign: ReadonlyMap<string, string>;
  /** How many calls had been made when somebody made it, or changed it last. */
  foreignSince: ReadonlyMap<string, number>;
  /** Of that, the files that nginx has. */
  foreignServed: ReadonlyMap<string, string>;
  /** What was taken over, as it was: a write without effect is taken back. */
  readonly adopted: Map<string, string>;
  /** Asked after every call of the daemon. */
  watch: (() => void) | undefined;
  violation: Violation | undefined;
};

/** The first one counts: what comes after it may only be a consequence. */
export function fail(world: RouteWorld, invariant: string, message: string): void {
  world.violation ??= { invariant, message };
}
