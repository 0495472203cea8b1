import { InvalidValue } from '../place.ts';

const exponents = 'kmgtp';

/** `512m`, `1.5g`, `64MiB`, `1gb`, a number of bytes. Powers of 1024 in every spelling, as in Docker. */
export function parseMemorySize(value: string | number): number {
  if (typeof value === 'number') return checkSize(Math.trunc(value), value);
  const match = /^(.*[\d.]) ?([^\d. ]*)$/.exec(value);
  const number = parseNumber(match?.[1] ?? '');
  if (number === undefined || number < 0) {
    throw new InvalidValue(`invalid size: "${value.slice(0, 80)}"`, 'expected a size such as 512m or 1.5g');
  }
  const suffix = (match?.[2] ?? '').toLowerCase();
  const unit = /^(?:([kmgtp])(?:i?b)?|b)?$/.exec(suffix);
  if (unit === null) {
    throw new InvalidValue(
      `invalid suffix: "${suffix.slice(0, 80)}"`,
      'expected a size such as 512m or 1.5g',
    );
  }
  const exponent = unit[1] === undefined ? 0 : exponents.indexOf(unit[1]) + 1;
  return checkSize(Math.trunc(number * 1024 ** exponent), value);
}

function parseNumber(text: string): number | undefined {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function checkSize(bytes: number, value: string | number): number {
  if (!Number.isSafeInteger(bytes)) throw new InvalidValue(`the size "${value}" is too large`);
  return bytes;
}
