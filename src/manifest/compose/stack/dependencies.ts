import type { Dependency } from '#domain/desired.ts';
import type { ComposeProject, ComposeService } from '../project/compose-project.ts';

const conditions: Readonly<Record<string, Dependency['condition']>> = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
};

/** In name order, so that the order they were written in is no change. Optional ones count only when they are there. */
export function toDependencies(
  { depends_on: declared = {} }: ComposeService,
  { services }: ComposeProject,
): readonly Dependency[] {
  return Object.entries(declared)
    .filter(([service]) => Object.hasOwn(services, service))
    .map(([service, { condition, required, restart = false }]) => ({
      service,
      condition: conditions[condition] ?? 'started',
      required,
      restart,
    }))
    .toSorted((a, b) => (a.service < b.service ? -1 : 1));
}

/** Somebody waits until it has ended well. */
export function isAwaited(name: string, { services }: ComposeProject): boolean {
  return Object.values(services).some(
    ({ depends_on: needed }) => needed?.[name]?.condition === 'service_completed_successfully',
  );
}
