import { parseImageRef } from './image-ref.ts';
import type { ObservedImage } from './observed.ts';

/** The engine lists familiar names (`nginx:1.27`), people also write full ones (`docker.io/library/nginx:1.27`). */
export function findImage(images: readonly ObservedImage[], ref: string): ObservedImage | undefined {
  const wanted = toComparable(ref);
  const isMeant = (name: string) => name === ref || toComparable(name) === wanted;
  return images.find(({ tags, digests }) => tags.some(isMeant) || digests.some(isMeant));
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
