import { carryVolumes } from './carry-volumes.ts';
import { toContainerLabels } from './container-labels.ts';
import type { NetworkAttachment } from './container-spec.ts';
import type { DesiredService, DesiredStack } from './desired.ts';
import type { Obstacle } from './find-obstacles.ts';
import type { ObservedContainer } from './observed.ts';
import type { ContainerToCreate, Endpoint, References } from './plan.ts';
import type { PlanContext } from './plan-context.ts';
import type { Hold } from './rollout.ts';
import { withAllotted } from './routes/allotted-ports.ts';

/** One replica of a service, with all that deciding about it needs. */
export type Replica = {
  readonly stack: DesiredStack;
  readonly service: DesiredService;
  /** From 1. */
  readonly number: number;
  readonly lane: string;
  readonly canonicalName: string;
  /** Ours, by their labels, in any state and under any name. */
  readonly containers: readonly ObservedContainer[];
  readonly obstacles: readonly Obstacle[];
  /** Undefined while the image is still to be pulled. */
  readonly imageId: string | undefined;
  readonly references: References;
  /** Ports of the host for a new container, by name. */
  readonly allotted: Readonly<Record<string, number>>;
  /** When the youngest container whose namespaces it shares was started; undefined when it shares none. */
  readonly namespaceStartedAtMs: number | undefined;
  /** True when the stack had converged with this generation: then a missing container is drift. */
  readonly wasApplied: boolean;
  /** Set when this very version of the service has failed. */
  readonly hold: Hold | undefined;
  readonly requests: NonNullable<PlanContext['requests']>;
  readonly retiredAtMs: PlanContext['retiredAtMs'];
  readonly equalGenerations: PlanContext['equalGenerations'];
  readonly refusedStarts: PlanContext['refusedStarts'] | undefined;
  readonly following: PlanContext['following'] | undefined;
  readonly multiEndpointCreate: boolean;
  readonly apiVersion: string | undefined;
  readonly selfContainerId: string | undefined;
  readonly nowMs: number;
  readonly clockSetAtMs: number | undefined;
  readonly probes: PlanContext['probes'];
  readonly origin: Pick<PlanContext, 'owner' | 'revision'>;
};

/**
 * Under which names a container is known beside its own. `none`: other containers must not find it yet, because the
 * engine's DNS serves what is not ready.
 *
 * The canonical name is never among them. Names change with a rename, aliases only by a cut of the connection: as an
 * alias, it would go on leading to a container that has given it up, up to its end and beyond, as long as somebody
 * remembers the address.
 */
export type Aliases = 'serving' | 'none';

/** For a container that starts beside its predecessor. */
export function chooseAliases({ stack, service }: Replica): Aliases {
  const { networks, ports } = service.spec;
  // To be given aliases it has to be reconnected, which gives ports that the engine chooses another number.
  if (ports.length > 0) return 'serving';
  const isShared = ({ network, byOwnName }: NetworkAttachment) =>
    !byOwnName && stack.networks.some((each) => each.name === network && (each.shared || each.external));
  const isSeen = stack.services.length > 1 || networks.some(isShared);
  return isSeen ? 'none' : 'serving';
}

/** The attachments in the engine's order: the primary one is that of the highest priority, then the first. */
export function toAttachments(replica: Replica, aliases: Aliases): readonly Endpoint[] {
  const links = toLinks(replica);
  return withServingAliases(replica.service, replica.canonicalName)
    .map((network) => ({
      ...network,
      aliases: aliases === 'none' ? [] : network.aliases,
      ...(links.length > 0 && { links }),
    }))
    .toSorted((a, b) => b.priority - a.priority);
}

/** A linked service is known by its alias, and by the two names that Compose's first version gave its containers. */
function toLinks({ stack, service, number }: Replica): readonly string[] {
  return (service.spec.links ?? []).flatMap((link) => {
    if ('container' in link) return [`${link.container}:${link.alias}`];
    const linked = stack.services.find(({ name }) => name === link.service)?.containerNames ?? [];
    const numbered = `${link.service}-${number}`;
    return linked.flatMap((name) =>
      [link.alias, numbered, `${stack.name}-${numbered}`].map((alias) => `${name}:${alias}`),
    );
  });
}

/** As Compose does it: a replica has its own name as an alias, too. */
export function withComposeAliases(
  service: DesiredService,
  canonicalName: string,
): readonly NetworkAttachment[] {
  return service.spec.networks.map((network) => ({
    ...network,
    aliases: [canonicalName, ...listServingAliases(service, network)],
  }));
}

/** A replica is known by the name of its service in every network; by its own without being told so. */
export function withServingAliases(
  service: DesiredService,
  canonicalName: string,
): readonly NetworkAttachment[] {
  return service.spec.networks.map((network) => ({
    ...network,
    aliases: listServingAliases(service, network).filter((alias) => alias !== canonicalName),
  }));
}

function listServingAliases({ name }: DesiredService, { byOwnName, aliases }: NetworkAttachment) {
  return byOwnName ? aliases : [name, ...aliases];
}

export function toContainerToCreate(
  replica: Replica,
  name: string,
  options: { readonly aliases: Aliases; readonly predecessor: ObservedContainer | undefined },
): ContainerToCreate {
  const { stack, service, number, origin, imageId, allotted } = replica;
  const { networkMode, ...shared } = replica.references;
  const links = toLinks(replica);
  const attachments = toAttachments(replica, options.aliases);
  const { files: _, ...spec } = withAllotted(service.spec, allotted);
  return {
    name,
    // Files come later, in a step of their own; what is not here cannot get anywhere from here.
    spec: { ...spec, mounts: carryVolumes(spec.mounts, options.predecessor) },
    imageId: imageId ?? '',
    labels: toContainerLabels(stack, service, number, { ...origin, imageId: imageId ?? '', allotted }),
    attachments: replica.multiEndpointCreate ? attachments : attachments.slice(0, 1),
    networkMode: attachments[0]?.network ?? networkMode,
    shared,
    ...(links.length > 0 && { links }),
  };
}
