import { InvalidValue } from '../place.ts';

const largestMode = 0o7777;
const largestId = 2 ** 32 - 2;

/** Octal. @throws InvalidValue */
export function parseMode(text: string): number {
  const mode = /^[0-7]{1,8}$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
  if (mode <= largestMode) return mode;
  throw new InvalidValue(`expected an octal file mode such as "0440", found "${text}"`);
}

/** @throws InvalidValue */
export function parseId(attribute: 'uid' | 'gid', text: string): number {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (id <= largestId) return id;
  throw new InvalidValue(
    `expected a number for ${attribute}, found "${text}"`,
    'names of users are known inside the image only',
  );
}
