import { InvalidValue } from '../place.ts';

const exponents = 'kmgtp';

/** `512m`, `1.5g`, `64MiB`, `1gb`, a number of bytes. Powers of 1024 in every spelling, as in Docker. */
export function parseMemorySize(value: string | number): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp])?i?b?$/i.exec(String(value));
  if (match === null) throw new InvalidValue(`expected a size such as 512m or 1.5g, found "${value}"`);
  const [, number, unit] = match;
  const exponent = unit === undefined ? 0 : exponents.indexOf(unit.toLowerCase()) + 1;
  const bytes = Math.floor(Number(number) * 1024 ** exponent);
  if (!Number.isSafeInteger(bytes)) throw new InvalidValue(`the size "${value}" is too large`);
  return bytes;
}
