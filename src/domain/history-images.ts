import type { DesiredStack } from './desired.ts';
import { isOwnedBy, serviceLabel, stackLabel } from './labels.ts';
import type { ObservedHost } from './observed.ts';
import type { ServiceImage } from './outcome.ts';
import { seeAdopted } from './see-adopted.ts';

/** The images that the live containers of a stack were made from. */
export function listServiceImages(
  stack: DesiredStack,
  observed: ObservedHost,
  owner: string,
): readonly ServiceImage[] {
  const { containers } = stack.adopt === true ? seeAdopted(stack, observed, owner) : observed;
  return stack.services.flatMap(({ name, containerNames }) => {
    const live = containers.find(
      (each) =>
        isOwnedBy(each.labels, owner) &&
        each.labels[stackLabel] === stack.name &&
        each.labels[serviceLabel] === name &&
        each.name === containerNames[0],
    );
    if (live === undefined) return [];
    const digests = observed.images.find(({ id }) => id === live.imageId)?.digests ?? [];
    return [{ service: name, imageId: live.imageId, digests }];
  });
}
