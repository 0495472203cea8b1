import type { BuildSpec } from './build-spec.ts';
import type { DesiredService, DesiredStack } from './desired.ts';
import { findImage } from './find-image.ts';
import { indexHost } from './host-index.ts';
import { parseImageRef } from './image-ref.ts';
import { generationLabel, isOwnedBy, replicaLabel } from './labels.ts';
import type { ObservedHost } from './observed.ts';
import type { Step } from './plan.ts';
import type { PlanContext } from './plan-context.ts';
import { mergeParts, type PlanPart, toPart } from './plan-part.ts';

export type ImagePlan = {
  readonly part: PlanPart;
  /** The id that each reference stands for on this engine; an image that is still to come has none. */
  readonly idsByRef: ReadonlyMap<string, string>;
};

/** Pulls, or builds, what the services need, before anything is stopped for it. */
export function planImages(stack: DesiredStack, observed: ObservedHost, context: PlanContext): ImagePlan {
  const pinned = stack.services.filter((service) => service.pinned !== undefined);
  const followed = stack.services.filter((service) => service.pinned === undefined);
  const hooks = listHookImages(stack, followed);
  const services = distinctByImage([
    ...followed.filter((service) => service.containerNames.length > 0),
    ...hooks,
  ]);
  const usersByImage = Map.groupBy([...followed, ...hooks], ({ spec }) => spec.image);
  const idsByRef = new Map<string, string>();
  const parts = services.map((service) => {
    const id = findImage(observed.images, service.spec.image)?.id;
    const users = usersByImage.get(service.spec.image) ?? [];
    const isNeeded =
      id !== undefined || users.some((each) => !hasAllContainers(each, stack, observed, context));
    const part = isNeeded ? planImage(service, id, context) : toPart({});
    if (id !== undefined && part.steps.length === 0) idsByRef.set(service.spec.image, id);
    return part;
  });
  const mounted = planMountedImages(stack, observed, context);
  for (const [ref, id] of mounted.idsByRef) idsByRef.set(ref, id);
  const pins = pinned.map((service) => planPinned(service, stack, observed, context));
  for (const pin of pins) for (const [key, id] of pin.idsByRef) idsByRef.set(key, id);
  return { part: mergeParts([...parts, mounted.part, ...pins.map(({ part }) => part)]), idsByRef };
}

/** Where `idsByRef` has the image of a service. */
export function toImageKey({ pinned, spec }: DesiredService): string {
  return pinned?.imageId ?? spec.image;
}

/** An image that a rollback names by its id: its tag may mean another one by now. */
function planPinned(
  service: DesiredService,
  stack: DesiredStack,
  observed: ObservedHost,
  context: PlanContext,
): ImagePlan {
  const { imageId, digest } = service.pinned ?? { imageId: '' };
  const idsByRef = new Map<string, string>();
  if (observed.images.some(({ id }) => id === imageId)) {
    return { part: toPart({}), idsByRef: idsByRef.set(imageId, imageId) };
  }
  if (hasAllContainers(service, stack, observed, context)) return { part: toPart({}), idsByRef };
  const lane = `image:${imageId}`;
  const message = `the image that ${service.name} is rolled back to is not on the host any more: ${service.spec.image} (${imageId})`;
  if (digest === undefined) {
    const unblock = `load it again, or go on with what Git wants: shorefast resume ${stack.name}`;
    return { part: toPart({ blocks: [{ lane, reason: 'ImageMissing', message, unblock }] }), idsByRef };
  }
  const cause = { reason: 'Missing', message } as const;
  return { part: toPart({ steps: [{ kind: 'pull-image', lane, image: digest, cause }] }), idsByRef };
}

/**
 * Those with an image of their own; the others run on that of a service, which is pulled for it. While all services
 * are rolled back, none is run.
 */
function listHookImages(
  { hooks = [] }: DesiredStack,
  followed: readonly DesiredService[],
): readonly DesiredService[] {
  if (followed.length === 0) return [];
  const images = new Set(followed.map(({ spec }) => spec.image));
  return hooks.map(({ run }) => run).filter(({ spec }) => !images.has(spec.image));
}

/** An image that is only mounted is pulled when it is missing, and never again: nothing says that it is to be newer. */
function planMountedImages(stack: DesiredStack, observed: ObservedHost, context: PlanContext): ImagePlan {
  const idsByRef = new Map<string, string>();
  const steps = new Map<string, Step>();
  const ownRefs = new Set(stack.services.map(({ spec }) => spec.image));
  for (const service of stack.services) {
    for (const ref of listMountedImages(service)) {
      const id = findImage(observed.images, ref)?.id;
      if (id !== undefined) idsByRef.set(ref, id);
      const image = withTag(ref);
      const isNeeded = id === undefined && !hasAllContainers(service, stack, observed, context);
      if (!isNeeded || ownRefs.has(image)) continue;
      const cause = { reason: 'Missing', message: 'not on the host yet' } as const;
      steps.set(image, { kind: 'pull-image', lane: `image:${image}`, image, cause });
    }
  }
  return { part: toPart({ steps: [...steps.values()] }), idsByRef };
}

export function listMountedImages({ spec }: DesiredService): readonly string[] {
  return spec.mounts.flatMap((mount) => (mount.kind === 'image' ? mount.image : []));
}

/** Without a tag, every tag would be pulled. */
function withTag(ref: string): string {
  const { tag, digest } = parseImageRef(ref) ?? {};
  return tag === undefined && digest === undefined ? `${ref}:latest` : ref;
}

function planImage(service: DesiredService, id: string | undefined, context: PlanContext): PlanPart {
  const { image, platform } = service.spec;
  const { build } = service;
  const lane = `image:${image}`;
  if (build !== undefined) {
    // Its tag tells what it was made of: an image that is there need not be built again.
    const cause = { reason: 'Missing', message: `not built from ${describeContext(build)} yet` } as const;
    return toPart(id === undefined ? { steps: [{ kind: 'build-image', lane, image, build, cause }] } : {});
  }
  if (id !== undefined && !isPullDue(service, context)) return toPart({});
  if (service.pullPolicy === 'never') {
    const message = `image ${image} is not on the host, and pull_policy is never`;
    return toPart({
      blocks: [{ lane, reason: 'ImageMissing', message, unblock: 'load the image, or change pull_policy' }],
    });
  }
  const cause =
    id === undefined
      ? ({ reason: 'Missing', message: 'not on the host yet' } as const)
      : ({ reason: 'PullPolicy', message: 'pull_policy is always' } as const);
  return toPart({
    steps: [{ kind: 'pull-image', lane, image, cause, ...(platform === undefined ? {} : { platform }) }],
  });
}

function describeContext({ context, treeOid }: BuildSpec): string {
  return `${context || '.'} (${treeOid.slice(0, 7)})`;
}

function isPullDue(service: DesiredService, context: PlanContext): boolean {
  if (service.pullPolicy !== 'always' || context.freshImages === 'all') return false;
  return !context.freshImages.has(service.spec.image);
}

/**
 * A reference that was untagged or deleted on the host needs no pull while every container made from it is
 * there: pulling might bring a newer image, and replace what nobody asked to replace.
 */
function hasAllContainers(
  service: DesiredService,
  stack: DesiredStack,
  observed: ObservedHost,
  context: PlanContext,
): boolean {
  const numbers = indexHost(observed)
    .containersOfService(stack.name, service.name)
    .filter(
      ({ labels }) => isOwnedBy(labels, context.owner) && labels[generationLabel] === service.generation,
    )
    .map(({ labels }) => labels[replicaLabel]);
  return service.containerNames.every((_, index) => numbers.includes(String(index + 1)));
}

/** One service for each image: the one that builds it, or that with the most demanding pull policy. */
function distinctByImage(services: readonly DesiredService[]): readonly DesiredService[] {
  const byImage = new Map<string, DesiredService>();
  for (const service of services) {
    const known = byImage.get(service.spec.image);
    const isMore = service.pullPolicy === 'always' || service.build !== undefined;
    const isFirst = known === undefined;
    if (isFirst || (known.build === undefined && isMore)) byImage.set(service.spec.image, service);
  }
  return [...byImage.values()];
}
