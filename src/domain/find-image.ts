import { parseImageRef } from './image-ref.ts';
import type { ObservedImage } from './observed.ts';

/** The engine lists familiar names (`nginx:1.27`), people also write full ones (`docker.io/library/nginx:1.27`). */
export function findImage(images: readonly ObservedImage[], ref: string): ObservedImage | undefined {
  const known = imagesByName.get(images) ?? indexImages(images);
  imagesByName.set(images, known);
  return known.get(toComparable(ref));
}

/** Every look lists the images anew, and then all stacks ask. */
const imagesByName = new WeakMap<readonly ObservedImage[], ReadonlyMap<string, ObservedImage>>();

function indexImages(images: readonly ObservedImage[]): ReadonlyMap<string, ObservedImage> {
  const byName = new Map<string, ObservedImage>();
  for (const image of images) {
    for (const name of [...image.tags, ...image.digests].map(toComparable)) {
      if (!byName.has(name)) byName.set(name, image);
    }
  }
  return byName;
}

/** Whether two references mean the same, whatever they leave out. */
export function isSameImage(a: string, b: string): boolean {
  return toComparable(a) === toComparable(b);
}

function toComparable(text: string): string {
  const ref = parseImageRef(text);
  if (ref === undefined) return text;
  // A digest says all: the tag beside it is for people.
  const version = ref.digest === undefined ? `:${ref.tag ?? 'latest'}` : `@${ref.digest}`;
  return `${ref.registry}/${ref.repository}${version}`;
}
