import type { ScalarTag } from 'yaml';
import { formatFloat } from '../text/format-scalar.ts';

// Compose files are read by go-yaml, which keeps some of YAML 1.1: `0755` is octal, `1_000` a number, a bare
// date a date. Reading them otherwise would give another environment than Docker Compose does.

const intTag = 'tag:yaml.org,2002:int';
const decimal = /^[-+]?[0-9][0-9_]*$/;
const octal = /^[-+]?0o?[0-7_]+$/i;
const binary = /^[-+]?0b[01_]+$/i;
const hexadecimal = /^[-+]?0x[0-9a-f_]+$/i;
const date = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt\s]+\d{1,2}:\d{2}:\d{2}.*)?$/;

// Longer ones are no integers of 64 bits, in any notation.
const maxDigits = 70;
const largest = 2n ** 64n - 1n;
const smallest = -(2n ** 63n);

/** Beyond 2^53 as text, because a JavaScript number would change its digits; what 64 bits cannot hold is a float. */
function toInteger(text: string, digits: string, prefix: string): number | string {
  const plain = digits.replaceAll('_', '');
  const isDecimal = prefix === '';
  if (plain === '') return text;
  if (plain.length > maxDigits) return isDecimal ? toFloat(text.replaceAll('_', '')) : text;
  const magnitude = BigInt(prefix + plain);
  const value = text.startsWith('-') ? -magnitude : magnitude;
  if (value < smallest || value > largest) return isDecimal ? toFloat(String(value)) : text;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

/** A whole number that Go writes with an exponent is kept as that text: as a number it would be an integer. */
function toFloat(text: string): number | string {
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  return Number.isInteger(value) && Math.abs(value) >= 1e6 ? formatFloat(value) : value;
}

const floatTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  test: /^[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$/,
  resolve: (text) => toFloat(text.replaceAll('_', '')),
};

function integerTag(test: RegExp, written: RegExp, prefix: string): ScalarTag {
  return {
    tag: intTag,
    default: true,
    test,
    resolve: (text) => toInteger(text, text.replace(/^[-+]/, '').replace(written, ''), prefix),
  };
}

/** Where a date is not looked at (below `x-…`), its text is the date as go-yaml prints it. */
const dateTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:timestamp',
  default: true,
  test: date,
  resolve: (text) => toDate(text)?.toISOString().replace('.000Z', 'Z') ?? text,
};

/** Plain text that go-yaml takes for a date. */
export function isDate(text: string): boolean {
  return toDate(text) !== undefined;
}

function toDate(text: string): Date | undefined {
  if (!date.test(text)) return undefined;
  const [year, month, day] = text.split(/[-Tt\s]/, 3).map(Number);
  const midnight = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day));
  if (midnight.getUTCMonth() !== (month ?? 0) - 1 || midnight.getUTCDate() !== day) return undefined;
  if (/^[\d-]+$/.test(text)) return midnight;
  const exact = new Date(text.replace(/^(\S+?)[t\s]+/, '$1T').replace(/(\d)$/, '$1Z'));
  return Number.isNaN(exact.getTime()) ? undefined : exact;
}

/** Tried before the tags of the YAML core schema. */
export const goScalarTags: ScalarTag[] = [
  integerTag(octal, /^0o?/i, '0o'),
  integerTag(binary, /^0b/i, '0b'),
  integerTag(hexadecimal, /^0x/i, '0x'),
  integerTag(decimal, /^$/, ''),
  floatTag,
  dateTag,
];
