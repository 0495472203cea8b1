import { InvalidValue } from '../place.ts';

/** Undefined: the variable is not set. */
export type Lookup = (name: string) => string | undefined;

export type InterpolateOptions = { readonly onUnset?: (name: string) => void };

const namePattern = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const operatorPattern = /:?[-?+]/y;
const maxNesting = 20;

/** Every form of Compose: `$V ${V} ${V:-d} ${V-d} ${V:?m} ${V?m} ${V:+a} ${V+a} $$`, nested. */
export function interpolate(text: string, lookup: Lookup, options: InterpolateOptions = {}): string {
  return substitute(text, { lookup, ...options }, 0);
}

type Context = InterpolateOptions & { readonly lookup: Lookup };

function substitute(text: string, context: Context, depth: number): string {
  if (depth > maxNesting) throw new InvalidValue(`variables are nested deeper than ${maxNesting} levels`);
  let result = '';
  let index = 0;
  while (index < text.length) {
    const dollar = text.indexOf('$', index);
    if (dollar === -1) return result + text.slice(index);
    result += text.slice(index, dollar);
    const next = text.charAt(dollar + 1);
    if (next === '$') {
      result += '$';
      index = dollar + 2;
    } else if (next === '{') {
      const end = findClosingBrace(text, dollar + 1);
      result += expand(text.slice(dollar + 2, end), context, depth);
      index = end + 1;
    } else {
      const name = match(namePattern, text, dollar + 1);
      if (name === '') throw invalidFormat();
      result += valueOf(name, context);
      index = dollar + 1 + name.length;
    }
  }
  return result;
}

/** What stands between the braces. */
function expand(body: string, context: Context, depth: number): string {
  const name = match(namePattern, body, 0);
  const operator = match(operatorPattern, body, name.length);
  if (name === '' || (operator === '' && name.length < body.length)) throw invalidFormat();
  if (operator === '') return valueOf(name, context);

  const value = context.lookup(name);
  const counts = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  const argument = () => substitute(body.slice(name.length + operator.length), context, depth + 1);
  if (operator.endsWith('+')) return counts ? argument() : '';
  if (counts) return value ?? '';
  if (operator.endsWith('-')) return argument();
  const message = argument();
  throw new InvalidValue(`the variable ${name} must be set${message === '' ? '' : `: ${message}`}`);
}

function valueOf(name: string, context: Context): string {
  const value = context.lookup(name);
  if (value === undefined) context.onUnset?.(name);
  return value ?? '';
}

/** Counts every brace, as Compose does, so that `${A:-{}}` has the default `{}`. */
function findClosingBrace(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === '{') depth += 1;
    if (char === '}') depth -= 1;
    if (depth === 0) return index;
  }
  throw invalidFormat('a brace is not closed');
}

function match(pattern: RegExp, text: string, index: number): string {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0] ?? '';
}

function invalidFormat(detail = 'a name must follow a dollar sign'): InvalidValue {
  return new InvalidValue(`invalid variable: ${detail}`, 'write $$ for a plain dollar sign');
}
