import { listRisks } from '#domain/routes/list-risks.ts';
import {
  type HostBody,
  type ObservedHostEntry,
  type PreviousBody,
  type RouteMarker,
  toAttempt,
} from '#domain/routes/observed-proxy.ts';
import type { RouteStep } from '#domain/routes/route-plan.ts';
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
  const { previous: _, ...marker } = wish.marker;
  const refused = { refused: toAttempt(marker), refusedBecause: why };
  const good = before.online === true ? toPrevious(before) : before.marker?.previous;
  if (good === undefined) return { ...wish, marker: { ...marker, ...refused } };
  const { target: _target, ...mark } = marker;
  const { body, ...written } = good;
  return { ...wish, body, marker: { ...mark, ...written, ...refused } };
}

/**
 * What the host itself has to keep while it is written, so that a kill before the refusal is known does not cost
 * it the body of before; undefined where nginx has nothing to refuse.
 */
export function findWayBack({
  body,
  before,
}: Extract<RouteStep, { kind: 'update-host' }>): PreviousBody | undefined {
  if (!before.enabled) return undefined;
  if (before.online !== true) return before.marker?.previous;
  return mayBeRefused(body, before.body) ? toPrevious(before) : undefined;
}

/** Whether there is a body that nginx takes. */
export function hasWayBack({ online, marker }: ObservedHostEntry): boolean {
  return online === true || marker?.previous !== undefined;
}

/** Without a mark it is ours from here on, and nothing of it is declared yet. */
export function toPrevious({ body, marker }: ObservedHostEntry): PreviousBody {
  const target = marker?.target;
  return { body, generation: marker?.generation ?? '', ...(target !== undefined && { target }) };
}

/** For what is in it, and not only for what is there beside it. */
function mayBeRefused(body: HostBody, before: HostBody): boolean {
  const known = new Set(listRisks(before));
  return listRisks(body).some((risk) => !known.has(risk));
}
