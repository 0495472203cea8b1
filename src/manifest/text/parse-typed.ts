import { InvalidValue } from '../place.ts';

/** Text is allowed because a variable's value is text. */
export function parseInteger(value: number | string, minimum: number): number {
  const parsed = typeof value === 'number' ? value : /^[-+]?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(parsed) && parsed >= minimum) return parsed;
  throw new InvalidValue(`expected a whole number from ${minimum} on, found "${value}"`);
}
