import type { Resources } from '#domain/container-spec.ts';
import { InvalidValue, type Place } from '../place.ts';
import { parseMemorySize } from '../text/memory-size.ts';
import { parseInteger } from '../text/parse-typed.ts';
import type { RawService } from './compose-document.ts';

export function resolveResources(raw: RawService, place: Place): Resources {
  const limits = raw.deploy?.resources?.limits ?? {};
  const reservations = raw.deploy?.resources?.reservations ?? {};
  const limitPlace = place.at('deploy', 'resources', 'limits');
  const reservationPlace = place.at('deploy', 'resources', 'reservations');
  const read = <T>(at: Place, value: T | undefined, parse: (value: T) => number) =>
    value === undefined ? undefined : at.attempt(() => parse(value));

  const memoryBytes = agree(
    place.at('mem_limit'),
    read(place.at('mem_limit'), raw.mem_limit, parseMemorySize),
    read(limitPlace.at('memory'), limits.memory, parseMemorySize),
  );
  const nanoCpus = agree(
    place.at('cpus'),
    read(place.at('cpus'), raw.cpus, parseCpus),
    read(limitPlace.at('cpus'), limits.cpus, parseCpus),
  );
  const memoryReservationBytes = read(reservationPlace.at('memory'), reservations.memory, parseMemorySize);
  read(reservationPlace.at('cpus'), reservations.cpus, parseCpus);
  const parsePids = (pids: number | string) => parseInteger(pids, -1);
  const pidsLimit = agree(
    place.at('pids_limit'),
    read(place.at('pids_limit'), raw.pids_limit, parsePids),
    read(limitPlace.at('pids'), limits.pids, parsePids),
  );
  return {
    ...(memoryBytes && { memoryBytes }),
    ...(memoryReservationBytes && { memoryReservationBytes }),
    ...(nanoCpus && { nanoCpus }),
    ...(pidsLimit && { pidsLimit }),
  };
}

/** The same limit can be given in two places; then it must be the same. */
function agree(place: Place, short: number | undefined, long: number | undefined): number | undefined {
  if (short !== undefined && long !== undefined && short !== long) {
    place.error('differs from the same limit in deploy.resources.limits', 'give the limit in one place');
  }
  return short ?? long;
}

/** Processors → billionths of one. */
function parseCpus(value: number | string): number {
  const cpus = typeof value === 'number' ? value : /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isFinite(cpus) && cpus >= 0) return Math.round(cpus * 1e9);
  throw new InvalidValue(`expected a number of processors such as 0.5, found "${value}"`);
}
