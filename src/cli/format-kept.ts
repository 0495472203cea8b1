import type { KeptFacts } from './cli-actions.ts';
import { type CliIo, writeNote } from './cli-io.ts';
import { countOf } from './format-problems.ts';

/** That something stands over Git, and from where it is known; each stack's blocks say what it is. */
export function writeKept(io: CliIo, kept: KeptFacts | undefined): void {
  if (kept === undefined) return;
  const { path, holds, overrides, approvals } = kept;
  const parts = [
    [holds, 'hold'],
    [overrides, 'override'],
    [approvals, 'approval'],
  ] as const;
  const present = parts.flatMap(([count, noun]) => (count === 0 ? [] : [countOf(count, noun)]));
  if (present.length > 0) writeNote(io, '►', `respecting ${present.join(', ')} kept in ${path}`);
}
