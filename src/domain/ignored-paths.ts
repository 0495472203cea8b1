// Paths of differences that somebody wants to be left alone: `environment.*`, `networks.extra`, `labels.traefik.*`.
import { matchesAtOrAbove, type PatternToken } from './path-pattern.ts';

/** Whether one of the patterns stands for the path, or for a part above it: `command` is all of `command[0]`. */
export function isIgnoredPath(path: string, patterns: readonly string[] | undefined): boolean {
  if (patterns === undefined || patterns.length === 0) return false;
  const parts = toParts(path);
  return patterns.some((pattern) => matchesAtOrAbove(toTokens(pattern), parts));
}

/** The machine for patterns divides at slashes, and ours are divided by dots and brackets. */
function toParts(path: string): string {
  return path.replace(/[./[\]]/g, (mark) => separators[mark] ?? mark);
}

const separators: Readonly<Record<string, string>> = { '.': '/', '[': '/', ']': '', '/': '\u0001' };

function toTokens(pattern: string): readonly PatternToken[] {
  return Array.from(toParts(pattern), (character) =>
    character === '*' ? { kind: 'name' } : { kind: 'one', accepts: (each: string) => each === character },
  );
}
