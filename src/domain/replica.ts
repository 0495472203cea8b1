import { toContainerLabels } from './container-labels.ts';
import type { ContainerSpec, NetworkAttachment } from './container-spec.ts';
import type { DesiredService, DesiredStack } from './desired.ts';
import type { Obstacle } from './find-obstacles.ts';
import type { ObservedContainer } from './observed.ts';
import type { ContainerToCreate, Endpoint, References } from './plan.ts';
import type { PlanContext } from './plan-context.ts';

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
  /** When the youngest container whose namespaces it shares was started; undefined when it shares none. */
  readonly namespaceStartedAtMs: number | undefined;
  /** True when the stack had converged with this generation: then a missing container is drift. */
  readonly wasApplied: boolean;
  readonly multiEndpointCreate: boolean;
  readonly apiVersion: string | undefined;
  readonly selfContainerId: string | undefined;
  readonly nowMs: number;
  readonly origin: Pick<PlanContext, 'owner' | 'revision'>;
};

/** The attachments in the engine's order: the primary one is that of the highest priority, then the first. */
export function toAttachments(replica: Replica): readonly Endpoint[] {
  const links = toLinks(replica);
  return withOwnAliases(replica.service, replica.canonicalName)
    .toSorted((a, b) => b.priority - a.priority)
    .map((attachment) => (links.length === 0 ? attachment : { ...attachment, links }));
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

/** A replica is known by its own name and that of its service, in every network. */
export function withOwnAliases(
  { name, spec }: DesiredService,
  canonicalName: string,
): readonly NetworkAttachment[] {
  return spec.networks.map((network) => ({
    ...network,
    aliases: [canonicalName, name, ...network.aliases],
  }));
}

export function toContainerToCreate(replica: Replica, name: string): ContainerToCreate {
  const { stack, service, number, origin, imageId } = replica;
  const { networkMode, ...shared } = replica.references;
  const links = toLinks(replica);
  const attachments = toAttachments(replica);
  return {
    name,
    spec: withoutContents(service.spec),
    imageId: imageId ?? '',
    labels: toContainerLabels(stack, service, number, { ...origin, imageId: imageId ?? '' }),
    attachments: replica.multiEndpointCreate ? attachments : attachments.slice(0, 1),
    networkMode: attachments[0]?.network ?? networkMode,
    shared,
    ...(links.length > 0 && { links }),
  };
}

/** Files come later, in a step of their own; what is not here cannot get anywhere from here. */
function withoutContents(spec: ContainerSpec): ContainerSpec {
  const { files: _files, ...rest } = spec;
  return rest;
}
