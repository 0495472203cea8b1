// What people mean by a version of a stack: a cycle (`42`), a revision (`main@sha1:…`, or the first digits of its
// commit), or a generation of one service (or its first digits).
import type { RecordedCycle, RecordedGeneration } from './history.ts';

export type Past = {
  /** Newest first. */
  readonly cycles: readonly RecordedCycle[];
  /** What was applied last comes first. */
  readonly generations: readonly RecordedGeneration[];
};

export type FoundVersion =
  | {
      readonly kind: 'found';
      readonly generations: readonly RecordedGeneration[];
      /** The one service that a generation stands for. */
      readonly service?: string;
    }
  | { readonly kind: 'unknown' | 'ambiguous'; readonly message: string };

const fewestDigits = 4;

export function findVersion(reference: string, past: Past): FoundVersion {
  const byId = past.cycles.find(({ id }) => String(id) === reference);
  if (byId !== undefined) return toGenerations(byId, past);
  const digits = /^(?:.*sha1:)?([0-9a-f]+)$/.exec(reference)?.[1] ?? '';
  if (digits.length < fewestDigits) return unknown(reference);
  const revisions = new Set(
    past.cycles.map(({ revision }) => revision).filter((each) => isMeant(each, digits)),
  );
  const named = past.generations.filter(({ generation }) => generation.startsWith(digits));
  const isOneGeneration =
    new Set(named.map(({ service, generation }) => `${service}/${generation}`)).size === 1;
  const [generation] = named;
  if (revisions.size + (named.length > 0 ? 1 : 0) > 1 || (named.length > 0 && !isOneGeneration)) {
    return { kind: 'ambiguous', message: `${reference} may mean several versions; give more of its digits` };
  }
  if (generation !== undefined) {
    return { kind: 'found', generations: [generation], service: generation.service };
  }
  const cycle = past.cycles.find(({ revision }) => revisions.has(revision));
  return cycle === undefined ? unknown(reference) : toGenerations(cycle, past);
}

function isMeant(revision: string, digits: string): boolean {
  return revision.replace(/^.*sha1:/, '').startsWith(digits);
}

/** What every service was to be at that cycle, as far as it is still kept. */
function toGenerations(cycle: RecordedCycle, { generations }: Past): FoundVersion {
  const found = Object.entries(cycle.generations).flatMap(
    ([service, generation]) =>
      generations.find((each) => each.service === service && each.generation === generation) ?? [],
  );
  if (found.length > 0) return { kind: 'found', generations: found };
  return { kind: 'unknown', message: `of what cycle ${cycle.id} was to bring, no generation is kept` };
}

function unknown(reference: string): FoundVersion {
  return { kind: 'unknown', message: `the history of this stack has no version ${reference}` };
}
