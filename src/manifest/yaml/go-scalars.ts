import type { ScalarTag } from 'yaml';

// Compose files are read by go-yaml, which keeps some of YAML 1.1: `0755` is octal, `1_000` a number, a bare
// date a date. Reading them otherwise would give another environment than Docker Compose does.

const intTag = 'tag:yaml.org,2002:int';
const decimal = /^[-+]?[0-9][0-9_]*$/;
const octal = /^[-+]?0o?[0-7_]+$/i;
const binary = /^[-+]?0b[01_]+$/i;
const hexadecimal = /^[-+]?0x[0-9a-f_]+$/i;
const date = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt\s]+\d{1,2}:\d{2}:\d{2}.*)?$/;

/** Beyond 2^53 the text itself is kept, because a JavaScript number would change its digits. */
function toInteger(text: string, digits: string, radix: number): number | string {
  const magnitude = Number.parseInt(digits.replaceAll('_', ''), radix);
  if (!Number.isSafeInteger(magnitude)) return text;
  return text.startsWith('-') ? -magnitude : magnitude;
}

function integerTag(test: RegExp, prefix: RegExp, radix: number): ScalarTag {
  return {
    tag: intTag,
    default: true,
    test,
    resolve: (text) => toInteger(text, text.replace(/^[-+]/, '').replace(prefix, ''), radix),
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
  integerTag(octal, /^0o?/i, 8),
  integerTag(binary, /^0b/i, 2),
  integerTag(hexadecimal, /^0x/i, 16),
  integerTag(decimal, /^$/, 10),
  dateTag,
];
