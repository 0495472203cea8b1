import type { DesiredService } from './desired.ts';
import { indexHost } from './host-index.ts';
import { isSamePort } from './is-same-port.ts';
import { describeHolder, isOwnedBy } from './labels.ts';
import type { ObservedContainer, ObservedHost } from './observed.ts';
import type { PlanContext } from './plan-context.ts';

/** Another container that has to let go of something before ours can start, or bear its name. */
export type Obstacle = {
  readonly holder: ObservedContainer;
  readonly kind: 'start' | 'name';
  /** `host port 8080/tcp`, `volume shop_data`, `container name web`. */
  readonly what: string;
  readonly isOurs: boolean;
  /** On its way out, and allowed to go. */
  readonly isLeaving: boolean;
};

type Scene = { readonly observed: ObservedHost; readonly context: PlanContext };

/** `own` are the containers of the same replica: they make room by being replaced. */
export function findObstacles(
  service: DesiredService,
  canonicalName: string,
  own: readonly ObservedContainer[],
  { observed, context }: Scene,
): readonly Obstacle[] {
  return listHolders(service, canonicalName, observed)
    .filter((holder) => !own.includes(holder))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((holder) => findObstaclesOf(service, canonicalName, holder, context));
}

function findObstaclesOf(
  service: DesiredService,
  canonicalName: string,
  holder: ObservedContainer,
  { owner, prune, selfContainerId }: PlanContext,
): readonly Obstacle[] {
  const isOurs = isOwnedBy(holder.labels, owner);
  const isLeaving = prune.allowed && prune.removals.includes(holder);
  const isSelf = holder.id === selfContainerId;
  // Two versions of one thing must not write to one volume; containers that stay may share it.
  const volumes = isLeaving || isSelf ? findSharedVolumes(service, holder) : [];
  const obstacle = (kind: Obstacle['kind'], what: string): Obstacle => ({
    holder,
    kind,
    what,
    isOurs,
    isLeaving,
  });
  return [
    ...(holder.name === canonicalName ? [obstacle('name', `container name ${canonicalName}`)] : []),
    ...findHeldPorts(service, holder).map((port) => obstacle('start', `host port ${port}`)),
    ...(isLeaving ? volumes.map((name) => obstacle('start', `volume ${name}`)) : []),
    // Settings lie there, the policy among them: who can write to it could allow himself everything.
    ...(isSelf
      ? volumes.map((name) => ({
          ...obstacle('start', `volume ${name}, with the data of Shorefast itself,`),
          isOurs: false,
        }))
      : []),
  ];
}

/** Who has anything of what the service needs for itself. */
function listHolders(
  { spec }: DesiredService,
  canonicalName: string,
  observed: ObservedHost,
): readonly ObservedContainer[] {
  const index = indexHost(observed);
  const holders = [
    ...index.containersByName(canonicalName),
    ...spec.ports.flatMap((port) => index.containersByHostPort(port.hostPort, port.protocol.toLowerCase())),
    ...spec.mounts.flatMap((mount) =>
      mount.kind === 'volume' && mount.name !== undefined ? index.containersByVolume(mount.name) : [],
    ),
  ];
  return [...new Set(holders)];
}

function findHeldPorts(service: DesiredService, holder: ObservedContainer): readonly string[] {
  return service.spec.ports
    .filter((port) => holder.publishedPorts.some((held) => isSamePort(port, held)))
    .map((port) => `${port.hostPort}/${port.protocol}`);
}

function findSharedVolumes(service: DesiredService, holder: ObservedContainer): readonly string[] {
  if (holder.state !== 'running' && holder.state !== 'paused') return [];
  return service.spec.mounts.flatMap((mount) =>
    mount.kind === 'volume' && mount.name !== undefined && holder.volumeNames.includes(mount.name)
      ? [mount.name]
      : [],
  );
}

/** `host port 8080/tcp is held by Docker Compose project "x" (container web, 0123456789ab)` */
export function describeObstacle({ what, holder }: Obstacle): string {
  return `${what} is held by ${describeHolder(holder.labels)} (container ${holder.name}, ${holder.id.slice(0, 12)})`;
}
