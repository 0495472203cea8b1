import type { ComposeProject } from './compose/project/compose-project.ts';
import type { Place } from './place.ts';
import { findNearestName } from './schema/nearest-name.ts';

/** A profile that was chosen, and where. */
export type ChosenProfile = { readonly name: string; readonly place: Place };

type Selected = {
  readonly project: ComposeProject;
  readonly inactive: ReadonlyMap<string, readonly string[]>;
};

/** A profile that no service is under is a mistake, and so is a stack of nothing: it would remove all that runs. */
export function checkProfiles(
  { project, inactive }: Selected,
  chosen: readonly ChosenProfile[],
  place: Place,
): void {
  const active = Object.values(project.services);
  const known = [
    ...new Set([...active.flatMap(({ profiles = [] }) => profiles), ...[...inactive.values()].flat()]),
  ];
  for (const { name, place: at } of chosen) {
    if (name === '*' || known.includes(name)) continue;
    const nearest = findNearestName(name, known);
    at.error(
      `no service is under the profile "${name}"`,
      nearest === undefined ? undefined : `did you mean "${nearest}"?`,
    );
  }
  if (active.length > 0) return;
  if (inactive.size === 0) place.error('nothing runs here', 'declare a service');
  else place.error('every service is under a profile that is not chosen', 'choose one under profiles');
}
