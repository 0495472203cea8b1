import { type ObservedHostEntry, type RouteMarker, toAttempt } from '#domain/routes/observed-proxy.ts';
import type { HostWish } from './to-host-request.ts';

/**
 * What is left of a host when nginx has refused `wish`: the body of before if that was good; and the mark says
 * which declaration was refused and why, so that it is not tried for ever.
 */
export function toRefusedWish(
  wish: HostWish & { readonly marker: RouteMarker },
  before: ObservedHostEntry,
  why: string,
): HostWish {
  const refused = { refused: toAttempt(wish.marker), refusedBecause: why };
  if (before.online !== true) return { ...wish, marker: { ...wish.marker, ...refused } };
  // Without a mark it is ours from here on, and nothing of it is declared yet.
  const old = before.marker ?? { ...wish.marker, generation: '' };
  return { ...wish, body: before.body, marker: { ...old, ...refused } };
}
