// Starts that the engine refused. A version that cannot be started has failed; but an engine that goes away
// refuses starts as well, with errors of its own, for a second or two before its connections end, and when it is
// back it may go on refusing that container for what it forgot to clear away. So a start is asked for twice; and
// if the engine was met again meanwhile, or later, the version is given another container, once. Of what people let be
// tried again, nothing is remembered.
import type { StepOutcome } from '#domain/outcome.ts';
import type { Finding } from '#domain/plan.ts';
import type { Hold } from '#domain/rollout.ts';

export type Refusals = {
  /** How often, by container name. */
  counts(): Readonly<Record<string, number>>;
  noteOutcome(outcome: StepOutcome): void;
  noteFinding(finding: Finding): void;
  noteReconnection(): void;
  /** Of these holds, those to be released now, after their container is gone. */
  takePardons(holds: readonly Hold[], present: readonly { readonly name: string }[]): readonly Hold[];
  forget(): void;
};

export function createRefusals(): Refusals {
  const countsByName = new Map<string, number>();
  const holdsByName = new Map<string, Hold>();
  /** Names of containers that were refused before the engine was met again. */
  const excused = new Set<string>();
  /** Versions that have had their second chance. */
  const pardoned = new Set<string>();

  function forgetName(name: string): void {
    for (const each of [countsByName, holdsByName, excused]) each.delete(name);
  }

  return {
    counts: () => Object.fromEntries(countsByName),
    noteOutcome({ step, result, failure }) {
      if (step.kind !== 'start-container') return;
      if (result === 'done') forgetName(step.target.name);
      if (failure === undefined) return;
      // What did not reach the engine, nobody has refused; what is hopeless is not asked twice.
      if (/^ENGINE_(UNREACHABLE|TIMEOUT)$/.test(failure.code)) return;
      const { name } = step.target;
      countsByName.set(name, (countsByName.get(name) ?? 0) + (failure.reaction === 'retry' ? 1 : 2));
    },
    noteFinding(finding) {
      if (finding.kind === 'failed' && finding.wasRefused) {
        holdsByName.set(finding.container.name, finding.hold);
      }
    },
    noteReconnection() {
      for (const name of countsByName.keys()) excused.add(name);
    },
    takePardons(holds, present) {
      for (const [name, hold] of holdsByName) {
        if (holds.some((each) => toKey(each) === toKey(hold))) continue;
        forgetName(name);
        pardoned.delete(toKey(hold));
      }
      const names = new Set(present.map(({ name }) => name));
      const pardons = [...holdsByName].filter(
        ([name, hold]) => excused.has(name) && !names.has(name) && !pardoned.has(toKey(hold)),
      );
      for (const [name, hold] of pardons) {
        pardoned.add(toKey(hold));
        forgetName(name);
      }
      return pardons.map(([, hold]) => hold);
    },
    forget() {
      for (const each of [countsByName, holdsByName, excused, pardoned]) each.clear();
    },
  };
}

function toKey({ service, generation, imageId }: Hold): string {
  return `${service} ${generation} ${imageId}`;
}
