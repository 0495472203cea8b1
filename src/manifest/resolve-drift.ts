import type { DriftMode } from '#domain/desired.ts';
import type { DriftDocument } from './documents.ts';

/** What is done about drift, and the paths of differences that are none. */
export type Drift = { readonly mode: DriftMode; readonly ignore: readonly string[] };

export const defaultDrift: Drift = { mode: 'heal', ignore: [] };

/** The mode is that of the nearest that names one: the stage, the app, the fleet. What is ignored adds up. */
export function resolveDrift(layers: readonly (DriftDocument | undefined)[], defaults: Drift): Drift {
  const read = layers.map(toPartial);
  return {
    mode: read.findLast(({ mode }) => mode !== undefined)?.mode ?? defaults.mode,
    ignore: [...new Set([defaults, ...read].flatMap(({ ignore = [] }) => ignore))].toSorted(),
  };
}

function toPartial(drift: DriftDocument | undefined): Partial<Drift> {
  return typeof drift === 'string' ? { mode: drift } : (drift ?? {});
}
