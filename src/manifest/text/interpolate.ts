import { InvalidValue } from '../place.ts';

/** Undefined: the variable is not set. */
export type Lookup = (name: string) => string | undefined;

export type InterpolateOptions = { readonly onUnset?: (name: string) => void };

const namePattern = /[_a-z][_a-z0-9]*/iy;
const operatorPattern = /:?[-?+]/y;
const maxNesting = 20;
// A variable of variables of variables doubles with every step.
const maxLength = 1024 * 1024;

/**
 * Every form of Compose: `$V ${V} ${V:-d} ${V-d} ${V:?m} ${V?m} ${V:+a} ${V+a} $$`, nested. By the letter of
 * Compose's own substitution: a dollar before anything else stands for itself, a default is looked into even
 * when it is not needed, and ends at the brace that closes it on the same line.
 */
export function interpolate(text: string, lookup: Lookup, options: InterpolateOptions = {}): string {
  return substitute(text, { lookup, ...options }, 0);
}

type Context = InterpolateOptions & { readonly lookup: Lookup };

function substitute(text: string, context: Context, depth: number): string {
  if (depth > maxNesting) throw new InvalidValue(`variables are nested deeper than ${maxNesting} levels`);
  let result = '';
  let index = 0;
  while (index < text.length) {
    if (result.length > maxLength) throw new InvalidValue('variables expand to more than a megabyte');
    const dollar = text.indexOf('$', index);
    if (dollar === -1) return result + text.slice(index);
    result += text.slice(index, dollar);
    const next = text.charAt(dollar + 1);
    if (next === '{') {
      const end = findEnd(text, dollar);
      result += expand(text.slice(dollar + 2, end), context, depth);
      index = end + 1;
    } else if (next === '$') {
      result += '$';
      index = dollar + 2;
    } else {
      const name = match(namePattern, text, dollar + 1);
      result += name === '' ? '$' : valueOf(name, context);
      index = dollar + 1 + name.length;
    }
  }
  return result;
}

/** Where the expression that starts at `dollar` ends: at its closing brace. */
function findEnd(text: string, dollar: number): number {
  const name = match(namePattern, text, dollar + 2);
  const afterName = dollar + 2 + name.length;
  if (name !== '' && text.charAt(afterName) === '}') return afterName;
  if (name === '' || match(operatorPattern, text, afterName) === '') throw invalidFormat();
  const end = findClosingBrace(text, dollar);
  if (end < afterName) throw invalidFormat();
  return end;
}

/** Counts every brace, as Compose does, so that `${A:-{"b":1}}` has the default `{"b":1}`. */
function findClosingBrace(text: string, dollar: number): number {
  let depth = 0;
  let last = -1;
  let isPassedOver = false;
  for (let index = dollar; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === '\n') break;
    if (char === '}') last = index;
    if (isPassedOver) {
      isPassedOver = false;
    } else if (char === '}') {
      depth -= 1;
      if (depth === 0) return index;
    } else if (char === '{') {
      depth += 1;
      isPassedOver = true; // What follows an opening brace is not counted.
    }
  }
  // Unbalanced braces: all up to the last one belongs to it.
  return last;
}

/** What stands between the braces. */
function expand(body: string, context: Context, depth: number): string {
  const name = match(namePattern, body, 0);
  const operator = match(operatorPattern, body, name.length);
  if (operator === '') return valueOf(name, context);
  const argument = substitute(body.slice(name.length + operator.length), context, depth + 1);
  const value = context.lookup(name);
  const counts = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  if (operator.endsWith('+')) return counts ? argument : '';
  if (counts) return value ?? '';
  if (operator.endsWith('-')) return argument;
  const reason = argument === '' ? '' : `: ${argument}`;
  throw new InvalidValue(`required variable ${name} is missing a value${reason}`);
}

function valueOf(name: string, context: Context): string {
  const value = context.lookup(name);
  if (value === undefined) context.onUnset?.(name);
  return value ?? '';
}

function match(pattern: RegExp, text: string, index: number): string {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0] ?? '';
}

function invalidFormat(): InvalidValue {
  return new InvalidValue('invalid interpolation format', 'you may need to escape any $ with another $');
}
