import { InvalidValue } from '../place.ts';

const words: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  y: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  n: false,
  off: false,
  '0': false,
};

/** Text is allowed because a variable's value is text. */
export function parseBoolean(value: boolean | string): boolean {
  if (typeof value === 'boolean') return value;
  const parsed = words[value.toLowerCase()];
  if (parsed === undefined) throw new InvalidValue(`expected true or false, found "${value}"`);
  return parsed;
}

export function parseInteger(value: number | string, minimum: number): number {
  const parsed = typeof value === 'number' ? value : /^[-+]?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(parsed) && parsed >= minimum) return parsed;
  throw new InvalidValue(`expected a whole number from ${minimum} on, found "${value}"`);
}
