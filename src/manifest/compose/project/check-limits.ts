import type { Place } from '../../place.ts';
import type { ComposeService } from './compose-project.ts';

/** The same limit can be given in two places; then it must be the same. */
export function checkLimits(service: ComposeService, place: Place): void {
  const { limits, reservations } = service.deploy?.resources ?? {};
  const pairs = [
    ['cpus', 'limits.cpus', service.cpus, limits && (limits.cpus ?? 0)],
    ['mem_limit', 'limits.memory', service.mem_limit, limits && (limits.memory ?? '0')],
    [
      'mem_reservation',
      'reservations.memory',
      service.mem_reservation,
      reservations && (reservations.memory ?? '0'),
    ],
    ['pids_limit', 'limits.pids', service.pids_limit, limits && (limits.pids ?? 0)],
  ] as const;
  for (const [key, path, short, long] of pairs) {
    if (short === undefined || long === undefined || short === long) continue;
    place
      .at(key)
      .error(`can't set distinct values on '${key}' and 'deploy.resources.${path}'`, 'give it in one place');
  }
}
