// The rules of .dockerignore, which are not those of .gitignore: patterns are rooted at the context, a pattern
// matches what lies below a matching directory, and the last pattern that matches decides.
import { matchesAtOrAbove, type PatternToken } from './path-pattern.ts';

export type DockerIgnore = {
  /** `path` is relative to the context, with `/`. */
  isExcluded(path: string): boolean;
  /** True when nothing below an excluded directory can be let in again, so that none need be looked at. */
  readonly isFinal: boolean;
  /** At most so many steps are taken for each character of a path. */
  readonly stepsPerCharacter: number;
};

type Rule = { readonly isException: boolean; readonly pattern: Pattern };
/** A text stands for itself alone. */
type Pattern = string | readonly PatternToken[];

const byteOrderMark = '\uFEFF';

/** @throws InvalidDockerIgnore with the pattern that cannot be read */
export function parseDockerIgnore(text: string): DockerIgnore {
  const lines = text.replace(byteOrderMark, '').split('\n');
  const rules = lines.flatMap((line) => (line.startsWith('#') ? [] : (parseRule(line.trim()) ?? [])));
  return {
    isFinal: !rules.some(({ isException }) => isException),
    stepsPerCharacter: rules.reduce((steps, { pattern }) => steps + countSteps(pattern), 0),
    isExcluded(path) {
      return rules.findLast(({ pattern }) => matches(pattern, path))?.isException === false;
    },
  };
}

export class InvalidDockerIgnore extends Error {
  override readonly name = 'InvalidDockerIgnore';
}

function matches(pattern: Pattern, path: string): boolean {
  if (typeof pattern !== 'string') return matchesAtOrAbove(pattern, path);
  return path === pattern || path.startsWith(`${pattern}/`);
}

function countSteps(pattern: Pattern): number {
  return typeof pattern === 'string' ? 1 : pattern.length + 1;
}

function parseRule(line: string): Rule | undefined {
  const isException = line.startsWith('!');
  const path = cleanPath(isException ? line.slice(1).trim() : line);
  if (line === '') return undefined;
  if (path === '' && isException) throw new InvalidDockerIgnore('"!" alone excepts nothing');
  return { isException, pattern: toPattern(path) };
}

/** Without `.`, `..` where it can be resolved, doubled and outer slashes, as Go's `filepath.Clean` has it. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

function toPattern(path: string): Pattern {
  if (path !== '' && !/[*?[\\]/.test(path)) return path;
  const tokens: PatternToken[] = [];
  for (let at = 0; at < path.length; ) {
    const [token, length] = readToken(path, at);
    tokens.push(token);
    at += length;
  }
  return tokens;
}

/** The token at a place, and how many characters it takes there. */
function readToken(path: string, at: number): readonly [token: PatternToken, length: number] {
  if (path.startsWith('**/', at)) return [{ kind: 'directories' }, 3];
  if (path.startsWith('**', at)) return [{ kind: 'anything' }, 2];
  const character = String.fromCodePoint(path.codePointAt(at) ?? 0);
  if (character === '*') return [{ kind: 'name' }, 1];
  if (character === '?') return [{ kind: 'one', accepts: (found) => found !== '/' }, 1];
  if (character === '\\') {
    const escaped = path.codePointAt(at + 1);
    const literal = escaped === undefined ? '' : String.fromCodePoint(escaped);
    return [{ kind: 'one', accepts: (found) => found === literal }, 1 + literal.length];
  }
  if (character !== '[') return [{ kind: 'one', accepts: (found) => found === character }, character.length];
  const end = path.indexOf(']', at + 2);
  if (end === -1) throw new InvalidDockerIgnore(`"${path}": a [ without its ]`);
  const characters = toClass(path.slice(at + 1, end), path);
  return [{ kind: 'one', accepts: (found) => characters.test(found) }, end + 1 - at];
}

function toClass(content: string, path: string): RegExp {
  const isNegated = content.startsWith('^');
  const inner = (isNegated ? content.slice(1) : content).replace(/[[\]\\^]/g, '\\$&');
  try {
    return new RegExp(isNegated ? `^[^/${inner}]$` : `^[${inner}]$`, 'u');
  } catch {
    throw new InvalidDockerIgnore(`"${path}" cannot be read as a pattern`);
  }
}
