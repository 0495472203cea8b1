import { isUnreadable } from '#domain/judge-pruning.ts';
import { appLabel, isOwnedBy, stackLabel } from '#domain/labels.ts';
import type { KnownStack } from './control-loop.ts';
import type { Mark, Observer } from './observe.ts';
import type { Source } from './source.ts';

export type KnownStacksDeps = {
  readonly source: Source;
  readonly observer: Observer;
  readonly owner: string;
};

/**
 * Stacks that Git declares, and those that only their containers or networks still tell of. While no revision
 * could be loaded there are none: nothing is known to be undeclared. An engine that does not answer hides the
 * second kind; what is declared is looked at all the same, and says what is wrong.
 */
export async function listKnownStacks(
  deps: KnownStacksDeps,
  mark: Mark,
  signal: AbortSignal,
): Promise<readonly KnownStack[]> {
  const { apps, revision } = deps.source.current();
  if (revision === undefined) return [];
  const declared = apps.flatMap((app) => app.stacks);
  const known = new Map<string, KnownStack>(
    declared.map(({ name, app, contentHash }) => [name, { name, app, contentHash }]),
  );
  // While an app cannot be read, nobody knows which stacks it wants, nor by which name it goes.
  if (apps.some(isUnreadable)) return [...known.values()];
  for (const labels of await observeOwnedLabels(deps, mark, signal)) {
    const name = labels[stackLabel];
    const app = labels[appLabel] ?? '';
    if (name === undefined || known.has(name)) continue;
    known.set(name, { name, app, contentHash: undefined });
  }
  return [...known.values()];
}

async function observeOwnedLabels(
  { observer, owner }: KnownStacksDeps,
  mark: Mark,
  signal: AbortSignal,
): Promise<readonly Readonly<Record<string, string>>[]> {
  try {
    const { containers, networks } = await observer.observe(mark, signal);
    return [...containers, ...networks]
      .map(({ labels }) => labels)
      .filter((labels) => isOwnedBy(labels, owner));
  } catch {
    // Told by every cycle that runs into it.
    return [];
  }
}
