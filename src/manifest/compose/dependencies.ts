import type { Dependency } from '#domain/desired.ts';
import { InvalidValue, type Place } from '../place.ts';
import { findNearestName } from '../schema/nearest-name.ts';
import { parseBoolean } from '../text/parse-typed.ts';
import type { RawDependency, RawService } from './compose-document.ts';

const conditions: Readonly<Record<string, Dependency['condition']>> = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
};

export type KnownServices = {
  readonly active: readonly string[];
  /** Their profiles, none of which is chosen. */
  readonly inactive: ReadonlyMap<string, readonly string[]>;
};

/** `depends_on`, and the service whose network is used. In name order, so that the order they were written in is no change. */
export function resolveDependencies(
  name: string,
  raw: RawService,
  known: KnownServices,
  place: Place,
): readonly Dependency[] {
  const { depends_on: dependsOn } = raw;
  const declared: Declared[] = Array.isArray(dependsOn)
    ? dependsOn.map((service: string, index) => ({ service, place: place.at('depends_on', index) }))
    : Object.entries((dependsOn ?? {}) as Record<string, RawDependency>).map(([service, dependency]) => ({
        service,
        raw: dependency,
        place: place.at('depends_on', service),
      }));
  const host = /^service:(.*)$/.exec(raw.network_mode ?? '')?.[1];
  if (host !== undefined && !declared.some(({ service }) => service === host)) {
    declared.push({ service: host, place: place.at('network_mode'), restart: true });
  }
  const all = declared.flatMap((entry) => toDependency(entry, known) ?? []);
  if (all.some(({ service }) => service === name)) place.error(`the service "${name}" depends on itself`);
  return [...new Map(all.map((dependency) => [dependency.service, dependency])).values()].sort((a, b) =>
    a.service < b.service ? -1 : 1,
  );
}

type Declared = {
  readonly service: string;
  readonly raw?: RawDependency;
  readonly place: Place;
  readonly restart?: boolean;
};

function toDependency(
  { service, raw, place, restart = false }: Declared,
  known: KnownServices,
): Dependency | undefined {
  return place.attempt(() => {
    const required = parseBoolean(raw?.required ?? true);
    if (!known.active.includes(service)) {
      if (!required) return undefined;
      throw missingService(service, known);
    }
    const condition = conditions[raw?.condition ?? 'service_started'];
    if (condition === undefined) {
      throw new InvalidValue(`expected ${Object.keys(conditions).join(', ')}, found "${raw?.condition}"`);
    }
    return { service, condition, required, restart: parseBoolean(raw?.restart ?? restart) };
  });
}

function missingService(service: string, known: KnownServices): InvalidValue {
  const profiles = known.inactive.get(service);
  if (profiles !== undefined) {
    return new InvalidValue(
      `the service "${service}" is not part of the stack: its profiles are not chosen`,
      `choose ${profiles.join(' or ')} under profiles in app.yaml, or say required: false`,
    );
  }
  const nearest = findNearestName(service, known.active);
  const hint = nearest === undefined ? undefined : `did you mean "${nearest}"?`;
  return new InvalidValue(`there is no service "${service}"`, hint);
}
