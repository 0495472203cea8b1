import { InvalidValue } from '../place.ts';

const name =
  /(?:(?:[a-zA-Z0-9][a-zA-Z0-9.-]*|\[[0-9a-fA-F:]+\])(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+|\/)[a-z0-9]+)*/;
const referencePattern = new RegExp(
  `^(${name.source})(?::([\\w][\\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$`,
);

/** Checks a reference and gives it a tag when it has neither tag nor digest. */
export function parseImage(text: string): string {
  const match = text.length <= 512 ? referencePattern.exec(text) : null;
  if (match === null) {
    const hint = /[A-Z]/.test(text) ? 'image names have no capitals' : undefined;
    throw new InvalidValue(`"${text.slice(0, 120)}" is not an image reference`, hint);
  }
  const [, , tag, digest] = match;
  return tag === undefined && digest === undefined ? `${text}:latest` : text;
}

/** The reference with another tag. A digest names exact content, so it cannot be given one. */
export function replaceTag(text: string, tag: string): string {
  const match = referencePattern.exec(text);
  if (match === null) return text; // parseImage will tell
  const [, repository, , digest] = match;
  if (digest !== undefined) {
    throw new InvalidValue(
      'the image is given by digest, so that a tag cannot replace it',
      'remove the digest or the tag',
    );
  }
  return `${repository}:${tag}`;
}
