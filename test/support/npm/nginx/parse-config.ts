/** One directive of a configuration, with what stands in its braces. */
export type Directive = {
  readonly name: string;
  readonly args: readonly string[];
  readonly line: number;
  readonly block?: readonly Directive[];
};

export class ConfigError extends Error {
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

type Token = { readonly text: string; readonly line: number; readonly isWord: boolean };

// nginx reads into a buffer of this size; a longer word or comment does not fit.
const bufferLength = 4096;

const cacheSize = 2000;
const cache = new Map<string, readonly Directive[]>();

/** The same files are read at every test. @throws ConfigError in nginx's words */
export function parseConfig(text: string): readonly Directive[] {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const directives = parse(text);
  if (cache.size >= cacheSize) cache.clear();
  cache.set(text, directives);
  return directives;
}

function parse(text: string): Directive[] {
  const tokens = tokenize(text);
  let position = 0;

  function parseBlock(isOuter: boolean): Directive[] {
    const directives: Directive[] = [];
    while (position < tokens.length) {
      const token = tokens[position];
      if (token?.text === '}' && !token.isWord) {
        if (isOuter) throw new ConfigError('unexpected "}"', token.line);
        position += 1;
        return directives;
      }
      directives.push(parseDirective());
    }
    if (!isOuter) throw new ConfigError('unexpected end of file, expecting "}"', lastLine(text));
    return directives;
  }

  function parseDirective(): Directive {
    const words: Token[] = [];
    while (tokens[position]?.isWord === true) words.push(tokens[position++] as Token);
    const end = tokens[position];
    position += 1;
    const [first, ...args] = words;
    if (end === undefined) {
      throw new ConfigError('unexpected end of file, expecting ";" or "}"', lastLine(text));
    }
    if (first === undefined || end.text === '}') {
      const message =
        first === undefined
          ? `unexpected "${end.text}"`
          : `directive "${first.text}" is not terminated by ";"`;
      throw new ConfigError(message, end.line);
    }
    const directive = { name: first.text, args: args.map((word) => word.text), line: end.line };
    return end.text === '{' ? { ...directive, block: parseBlock(false) } : directive;
  }

  return parseBlock(true);
}

function lastLine(text: string): number {
  return text.split('\n').length;
}

const pattern =
  /\n|[ \t\r]+|#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[;{}]|(?:\\.|\$\{[^}]*\}|[^\s;{}\\])+/gsy;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const rest = text.slice(pattern.lastIndex, pattern.lastIndex + 10);
    const match = pattern.exec(text)?.[0];
    if (match === undefined) throw new ConfigError(`unexpected "${rest[0]}"`, line);
    if (match.length > bufferLength) {
      throw new ConfigError(`too long parameter "${match.slice(0, 10)}..." started`, line);
    }
    if (/^[;{}]$/.test(match)) tokens.push({ text: match, line, isWord: false });
    else if (!/^[\s#]/.test(match)) tokens.push({ text: unquote(match), line, isWord: true });
    line += match.split('\n').length - 1;
  }
  return tokens;
}

function unquote(word: string): string {
  return /^["']/.test(word) ? word.slice(1, -1).replaceAll(/\\(["'\\])/g, '$1') : word;
}
