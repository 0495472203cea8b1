import type { PreviousBody, RouteMarker } from '#domain/routes/observed-proxy.ts';

// NPM's user interface turns keys into camelCase and back, which only plain snake_case survives.
const manager = 'shorefast';
const keys = {
  owner: 'shorefast_owner',
  stack: 'shorefast_stack',
  route: 'shorefast_route',
  generation: 'shorefast_generation',
  target: 'shorefast_target',
  refused: 'shorefast_refused',
  refusedBecause: 'shorefast_refused_because',
} as const satisfies Record<Exclude<keyof RouteMarker, 'previous'>, string>;
const previousKey = 'shorefast_previous';

type Meta = Readonly<Record<string, unknown>>;

/** Of `managed_by`, and what NPM itself writes: gone from what a write brings along. */
const notOthers = new Set<string>([
  'managed_by',
  'nginx_online',
  'nginx_err',
  previousKey,
  ...Object.values(keys),
]);

/** A mark that somebody has spoilt is nobody's, but a mark: what bears it is not taken over. */
export function toMarker(meta: Meta): RouteMarker | undefined {
  if (meta['managed_by'] !== manager) return undefined;
  const text = (name: keyof typeof keys): string => {
    const value = meta[keys[name]];
    return typeof value === 'string' ? value : '';
  };
  const optional = ['target', 'refused', 'refusedBecause'] as const;
  return {
    owner: text('owner'),
    stack: text('stack'),
    route: text('route'),
    generation: text('generation'),
    ...Object.fromEntries(optional.filter((name) => text(name) !== '').map((name) => [name, text(name)])),
    ...toPrevious(meta[previousKey]),
  };
}

/** As one text: what is inside keeps its names in NPM's user interface. One that was spoilt is none. */
function toPrevious(text: unknown): Pick<RouteMarker, 'previous'> {
  if (typeof text !== 'string') return {};
  try {
    const previous = JSON.parse(text) as PreviousBody;
    return typeof previous.body.kind === 'string' ? { previous } : {};
  } catch {
    return {};
  }
}

/**
 * Copies of what a certificate was once asked for with, its DNS credentials among them, are left behind: nothing
 * reads them there, and they would travel with plans.
 */
export function toOtherMeta(meta: Meta): Meta {
  const isKept = (key: string) => !notOthers.has(key) && !secretKey.test(key);
  return Object.fromEntries(Object.entries(meta).filter(([key]) => isKept(key)));
}

const secretKey = /credential|password|secret|token|private|_key$/i;

/** The whole of it, because a write replaces it. */
export function toMeta(marker: RouteMarker | undefined, otherMeta: Meta): Meta {
  if (marker === undefined) return otherMeta;
  const ours = Object.entries(keys).flatMap(([name, key]) => {
    const value = marker[name as keyof typeof keys];
    return value === undefined ? [] : [[key, value]];
  });
  const previous = marker.previous && { [previousKey]: JSON.stringify(marker.previous) };
  return { ...otherMeta, managed_by: manager, ...Object.fromEntries(ours), ...previous };
}
