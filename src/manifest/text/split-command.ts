import { InvalidValue } from '../place.ts';

export type SplitCommand = {
  readonly words: readonly string[];
  /** What Docker Compose would silently leave out: everything from an unquoted `; | & < >` on. */
  readonly dropped: string;
};

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n' };

/**
 * Splits a command as Docker Compose does (mattn/go-shellwords): quotes and backslashes count, variables,
 * globs, tildes and comments do not, and shell operators end the command.
 */
export function splitCommand(text: string): SplitCommand {
  const words: string[] = [];
  let word = '';
  let open = false;
  let quote: '"' | "'" | '`' | '(' | undefined;
  let escaped = false;

  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (escaped) {
      word += escapes[char] ?? char;
      open = true;
      escaped = false;
    } else if (char === '\\' && quote !== "'") {
      escaped = true;
    } else if (isQuoteMark(char, quote)) {
      quote = quote === undefined ? char : undefined;
      open = true;
    } else if (quote === undefined && /\s/.test(char)) {
      if (open) words.push(word);
      word = '';
      open = false;
    } else if (quote === undefined && ';&|<>'.includes(char)) {
      // A digit before `>` names a file descriptor (`2>&1`) and goes with it.
      if (open && !(char === '>' && /^\d/.test(word))) words.push(word);
      return { words, dropped: text.slice(index) };
    } else {
      quote = nextQuote(char, word, quote);
      word += char;
      open = true;
    }
  }
  if (escaped || quote !== undefined) {
    throw new InvalidValue('a quote or an escape is not closed in this command');
  }
  if (open) words.push(word);
  return { words, dropped: '' };
}

function isQuoteMark(char: string, quote: string | undefined): char is '"' | "'" {
  if (char !== '"' && char !== "'") return false;
  return quote === undefined || quote === char;
}

/** Backticks and `$(…)` keep spaces together, and stay in the word: nothing here runs them. */
function nextQuote<T extends string | undefined>(
  char: string,
  word: string,
  quote: T,
): T | '`' | '(' | undefined {
  if (char === '`' && quote === undefined) return '`';
  if (char === '`' && quote === '`') return undefined;
  if (char === ')' && quote === '(') return undefined;
  if ((char === '(' || char === ')') && quote === undefined) {
    if (char === '(' && word.endsWith('$')) return '(';
    throw new InvalidValue(`"${char}" needs quotes in a command`, 'write the command as a list');
  }
  return quote;
}
