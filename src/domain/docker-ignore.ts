// The rules of .dockerignore, which are not those of .gitignore: patterns are rooted at the context, a pattern
// matches what lies below a matching directory, and the last pattern that matches decides.

export type DockerIgnore = {
  /** `path` is relative to the context, with `/`. */
  isExcluded(path: string): boolean;
  /** True when nothing below an excluded directory can be let in again, so that none need be looked at. */
  readonly isFinal: boolean;
};

type Rule = { readonly isException: boolean; readonly pattern: RegExp };

const byteOrderMark = '\uFEFF';

/** @throws InvalidDockerIgnore with the pattern that cannot be read */
export function parseDockerIgnore(text: string): DockerIgnore {
  const lines = text.replace(byteOrderMark, '').split('\n');
  const rules = lines.flatMap((line) => (line.startsWith('#') ? [] : (parseRule(line.trim()) ?? [])));
  return {
    isFinal: !rules.some(({ isException }) => isException),
    isExcluded(path) {
      const above = listAbove(path);
      return rules.findLast(({ pattern }) => above.some((each) => pattern.test(each)))?.isException === false;
    },
  };
}

export class InvalidDockerIgnore extends Error {
  override readonly name = 'InvalidDockerIgnore';
}

/** `a/b/c` → `a`, `a/b`, `a/b/c` */
function listAbove(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
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

function toPattern(path: string): RegExp {
  let source = '';
  for (let at = 0; at < path.length; at += 1) {
    const character = path.charAt(at);
    if (path.startsWith('**/', at)) {
      source += '(?:.*/)?';
      at += 2;
    } else if (path.startsWith('**', at)) {
      source += '.*';
      at += 1;
    } else if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (character === '[') {
      const end = path.indexOf(']', at + 2);
      if (end === -1) throw new InvalidDockerIgnore(`"${path}": a [ without its ]`);
      source += toClass(path.slice(at + 1, end));
      at = end;
    } else if (character === '\\') {
      at += 1;
      source += escapeCharacter(path.charAt(at));
    } else source += escapeCharacter(character);
  }
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    throw new InvalidDockerIgnore(`"${path}" cannot be read as a pattern`);
  }
}

function toClass(content: string): string {
  const isNegated = content.startsWith('^');
  const inner = (isNegated ? content.slice(1) : content).replace(/[[\]\\^]/g, '\\$&');
  return isNegated ? `[^/${inner}]` : `[${inner}]`;
}

function escapeCharacter(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
