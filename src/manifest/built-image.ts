import type { BuildSpec } from '#domain/build-spec.ts';
import { hashContent } from './content-hash.ts';

const longestTag = 128;

/**
 * The reference of an image that is built from the state repo: the name that Compose gives it, and what it is
 * made of in its tag, but for what .dockerignore leaves out. So a listing of images tells whether it has been
 * built, and another tree is another spec.
 * `shop-web` → `shop-web:3f9c0a12b4d5e6f7`, `shop/web:1.2` → `shop/web:1.2-3f9c0a12b4d5e6f7`
 */
export function toBuiltImage(name: string, build: BuildSpec): string {
  const { tags: _tags, cacheFrom: _cacheFrom, contextHash, ...made } = build;
  const { treeOid } = made;
  const hash = hashContent({ ...made, treeOid: contextHash ?? treeOid }).slice(0, 16);
  const [withoutDigest = ''] = name.split('@');
  const colon = withoutDigest.lastIndexOf(':');
  if (colon <= withoutDigest.lastIndexOf('/')) return `${withoutDigest}:${hash}`;
  const tag = withoutDigest.slice(colon + 1, colon + longestTag - hash.length);
  return `${withoutDigest.slice(0, colon)}:${tag}-${hash}`;
}
