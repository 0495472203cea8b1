import type { ScalarTag } from 'yaml';

// Compose files are read by go-yaml, which keeps some of YAML 1.1: `0755` is octal, `1_000` a number, a bare
// date a date. Reading them otherwise would give another environment than Docker Compose does.

const intTag = 'tag:yaml.org,2002:int';
const decimal = /^[-+]?[0-9][0-9_]*$/;
const octal = /^[-+]?0o?[0-7_]+$/;
const binary = /^[-+]?0b[01_]+$/;
const hexadecimal = /^[-+]?0x[0-9a-fA-F_]+$/;
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

const dateTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:timestamp',
  default: true,
  test: date,
  resolve(text, onError) {
    onError(`the bare date ${text} is not text: put it in quotes`);
    return text;
  },
};

/** Tried before the tags of the YAML core schema. */
export const goScalarTags: ScalarTag[] = [
  integerTag(octal, /^0o?/, 8),
  integerTag(binary, /^0b/, 2),
  integerTag(hexadecimal, /^0x/, 16),
  integerTag(decimal, /^$/, 10),
  dateTag,
];
