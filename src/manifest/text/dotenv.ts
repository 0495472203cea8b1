import { InvalidValue } from '../place.ts';
import { interpolate, type Lookup } from './interpolate.ts';

export type DotenvFormat = 'dotenv' | 'raw';

/** What is wrong stands on this line of the env file. */
export class InvalidLine extends InvalidValue {
  readonly line: number;
  /** Without the line. */
  readonly reason: string;

  constructor(line: number, { message, hint }: Pick<InvalidValue, 'message' | 'hint'>) {
    super(`line ${line}: ${message}`, hint);
    this.line = line;
    this.reason = message;
  }
}

/**
 * Parses an env file by the rules of Docker Compose. References look in `lookup` first, then at earlier
 * lines, then in `earlier` files. A bare name takes its value from `lookup`, and is left out when it has none
 * there.
 * @throws InvalidLine
 */
export function parseDotenv(
  text: string,
  lookup: Lookup,
  format: DotenvFormat = 'dotenv',
  earlier: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  const source = text.replace(/^\uFEFF/, '');
  return format === 'raw' ? parseRaw(source, lookup) : parseCooked(source, lookup, earlier);
}

function parseRaw(text: string, lookup: Lookup): Map<string, string> {
  const values = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const statement = line.trimStart();
    if (statement === '' || statement.startsWith('#')) continue;
    const equals = statement.indexOf('=');
    const name = equals === -1 ? statement : statement.slice(0, equals);
    if (name === '' || /[ \t]/.test(name)) {
      const message = name === '' ? 'no variable name' : 'a variable name contains whitespaces';
      throw new InvalidLine(index + 1, { message, hint: 'expected NAME=value' });
    }
    const value = equals === -1 ? lookup(name) : statement.slice(equals + 1);
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

// Statement: optional `export`, name, then `=` or `:` (or the line's end: a bare name).
const statementPattern = /(?:export[^\S\n]+)?([\p{L}\p{N}_.\-[\]]+)[^\S\n]*(?:([=:])[^\S\n]*|(?=\n|$))/uy;
const maxLength = 8 * 1024 * 1024;
const gapPattern = /(?:\s+|#[^\n]*)*/y;

function parseCooked(
  text: string,
  lookup: Lookup,
  earlier: ReadonlyMap<string, string>,
): Map<string, string> {
  const values = new Map<string, string>();
  let length = 0;
  let index = skipGap(text, 0);
  while (index < text.length) {
    statementPattern.lastIndex = index;
    const statement = statementPattern.exec(text);
    if (statement === null) throw fault(text, index, 'expected NAME=value');
    const [whole, name = '', separator] = statement;
    index += whole.length;
    if (separator === undefined) {
      const value = lookup(name);
      if (value !== undefined) values.set(name, value);
    } else {
      const { value, end } = readValue(text, index);
      const resolve: Lookup = (key) => lookup(key) ?? values.get(key) ?? earlier.get(key);
      const result = value.literal ? value.text : expand(value.text, resolve, text, index);
      length += result.length;
      if (length > maxLength) throw fault(text, index, 'the variables expand to more than 8 megabytes');
      values.set(name, result);
      index = end;
    }
    index = skipGap(text, index);
  }
  return values;
}

type RawValue = {
  readonly value: { readonly text: string; readonly literal: boolean };
  readonly end: number;
};

function readValue(text: string, start: number): RawValue {
  const quote = text.charAt(start);
  if (quote !== '"' && quote !== "'") {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const [value = ''] = text.slice(start, end).split(' #', 1);
    return { value: { text: value.trimEnd(), literal: false }, end };
  }
  let value = '';
  for (let index = start + 1; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === quote) {
      const literal = quote === "'";
      return { value: { text: literal ? value : unescape(value), literal }, end: index + 1 };
    }
    if (char !== '\\') {
      value += char;
      continue;
    }
    index += 1;
    const escaped = text.charAt(index);
    value += escaped === quote ? escaped : `\\${escaped}`;
  }
  throw fault(text, start, 'the quote is not closed');
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
  // Interpolation follows, where two dollars are a plain one.
  $: '$$',
};

function unescape(text: string): string {
  return text.replace(/\\(?:0(\d{0,3})|([abfnrtv$"\\]))/g, (whole, octal?: string, char = '') => {
    if (octal === undefined) return escapes[char] ?? whole;
    const code = /^[0-7]{3}$/.test(octal) ? Number.parseInt(octal, 8) : 256;
    return code < 256 ? String.fromCharCode(code) : whole;
  });
}

/** `value` starts at `index` of the file's text. */
function expand(value: string, lookup: Lookup, text: string, index: number): string {
  try {
    return interpolate(value, lookup);
  } catch (error) {
    throw error instanceof InvalidValue ? new InvalidLine(lineAt(text, index), error) : error;
  }
}

function skipGap(text: string, index: number): number {
  gapPattern.lastIndex = index;
  return index + (gapPattern.exec(text)?.[0].length ?? 0);
}

function fault(text: string, index: number, message: string): InvalidLine {
  return new InvalidLine(lineAt(text, index), { message, hint: undefined });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
