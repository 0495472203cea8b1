import type { Place } from '../place.ts';
import { findNearestName } from '../schema/nearest-name.ts';
import type { ComposeModel } from './stack-context.ts';

/** A profile that was chosen, and where. */
export type ChosenProfile = { readonly name: string; readonly place: Place };

/** The model without the services whose profiles are all unchosen; those without profiles are always part of it. */
export function selectServices(
  model: ComposeModel,
  chosen: readonly ChosenProfile[],
  place: Place,
): ComposeModel {
  refuseUnknown(model, chosen);
  const names = new Set(chosen.map(({ name }) => name));
  const services = Object.entries(model.services);
  const isActive = (profiles: readonly string[] = []) =>
    profiles.length === 0 || profiles.some((profile) => names.has(profile));
  const active = services.filter(([, { profiles }]) => isActive(profiles));
  const inactive = services.filter(([, { profiles }]) => !isActive(profiles));
  // A stack of nothing would remove all that runs.
  if (active.length === 0) {
    place.error('every service is under a profile that is not chosen', 'choose one under profiles');
  }
  return {
    ...model,
    services: Object.fromEntries(active),
    inactive: new Map(inactive.map(([name, { profiles }]) => [name, profiles ?? []])),
  };
}

function refuseUnknown(model: ComposeModel, chosen: readonly ChosenProfile[]): void {
  const known = [...new Set(Object.values(model.services).flatMap(({ profiles }) => profiles ?? []))];
  for (const { name, place } of chosen) {
    if (known.includes(name)) continue;
    const nearest = findNearestName(name, known);
    place.error(
      `no service is under the profile "${name}"`,
      nearest === undefined ? undefined : `did you mean "${nearest}"?`,
    );
  }
}
