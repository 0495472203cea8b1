// What differs between a route's declaration and its host, and what that asks for.
import { isIgnoredPath } from '../ignored-paths.ts';
import type { Cause, Difference } from '../plan.ts';
import { compareHosts } from './compare-hosts.ts';
import { describeHost, toHostTarget } from './describe-host.ts';
import type { FoundEntry } from './find-entry.ts';
import type { ObservedHostEntry } from './observed-proxy.ts';
import type { ResolvedRoute } from './prepare-route.ts';
import type { DeclaredRoute } from './route-context.ts';
import { type RoutePart, toRoutePart, toRouteTitle, withRef } from './route-part.ts';

export type HostChange = {
  /** Undefined: nothing is to be written. */
  readonly cause: Cause | undefined;
  readonly differences: readonly Difference[];
};

export function findHostChange(
  { declared, body, target }: ResolvedRoute,
  { entry, by }: FoundEntry,
): HostChange {
  const { marker } = entry;
  const title = toRouteTitle(declared);
  const isSame = by === 'marker' && marker?.generation === declared.route.generation;
  const isMoved = target !== undefined && marker?.target !== target;
  const all = compareHosts(title, body, entry.body);
  const differences = isSame && !isMoved ? toDrift(all, declared) : all;
  const healed = differences.filter(({ drift }) => !drift || declared.drift === 'heal');
  const changed = (reason: Cause['reason'], message: string): HostChange => {
    const { path, wanted, found } = healed[0] ?? {};
    const field = path === undefined ? {} : { path, wanted: wanted ?? '', found: found ?? '' };
    return { cause: { reason, message, ...field }, differences };
  };
  if (by === 'adopted') return changed('SpecChanged', `${describeHost(entry)} is taken over`);
  if (!isSame) return changed('SpecChanged', `${title} is declared otherwise`);
  if (isMoved) return changed('SpecChanged', `${title} leads to another container now`);
  if (healed.length > 0) return changed('Drifted', `${title} was changed in the proxy`);
  if (entry.enabled && entry.online !== true) {
    const why = entry.nginxError === undefined ? '' : `: ${entry.nginxError}`;
    return changed('Unfinished', `nginx does not serve ${title}${why}`);
  }
  if (entry.enabled && marker?.previous !== undefined) {
    return changed('Unfinished', `${title} was written, and not looked at`);
  }
  return { cause: undefined, differences };
}

function toDrift(differences: readonly Difference[], declared: DeclaredRoute): readonly Difference[] {
  const { kind } = declared.route.certificate;
  // Which one is the best changes by itself; nobody has meddled.
  const isChosen = ({ path }: Difference) =>
    path === 'route.certificate' && (kind === 'auto' || kind === 'letsencrypt');
  return [
    ...differences.filter(isChosen),
    ...differences
      .filter((difference) => declared.drift !== 'off' && !isChosen(difference))
      .filter(({ path }) => !isIgnoredPath(path, declared.driftIgnore))
      .map((difference) => ({ ...difference, drift: true })),
  ];
}

/** Whether it is on is no part of the body: see quirk 5. */
export function planSwitch(
  { declared }: Pick<ResolvedRoute, 'declared'>,
  entry: ObservedHostEntry,
): RoutePart {
  const { enabled } = declared.route;
  if (entry.enabled === enabled) return toRoutePart({});
  const isDrift = entry.marker?.generation === declared.route.generation;
  const difference: Difference = {
    object: toRouteTitle(declared),
    kind: 'changed',
    field: 'state',
    path: 'route.enabled',
    wanted: String(enabled),
    found: String(entry.enabled),
    drift: isDrift,
  };
  const isIgnored =
    isDrift && (declared.drift === 'off' || isIgnoredPath(difference.path, declared.driftIgnore));
  if (isIgnored) return toRoutePart({});
  if (isDrift && declared.drift === 'warn') return toRoutePart({ differences: [difference] });
  const host = toHostTarget(entry);
  const cause: Cause = {
    reason: isDrift ? 'Drifted' : 'SpecChanged',
    message: `${toRouteTitle(declared)} is to be switched ${enabled ? 'on' : 'off'}`,
  };
  const kind = enabled ? 'enable-host' : 'disable-host';
  return toRoutePart({ steps: [withRef(declared, { kind, host, cause })], differences: [difference] });
}
