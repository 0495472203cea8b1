// Starts that the engine refused. A version that cannot be started has failed; but an engine that goes away
// refuses starts as well, with errors of its own, for a second or two before its connections end. So a start is
// asked for twice, and what was put on hold by then is tried once more when the engine is met again.
import type { StepOutcome } from '#domain/outcome.ts';
import type { Finding } from '#domain/plan.ts';
import type { Hold } from '#domain/rollout.ts';

export type Refusals = {
  /** How often, by container name. */
  counts(): Readonly<Record<string, number>>;
  noteOutcome(outcome: StepOutcome): void;
  noteFinding(finding: Finding): void;
  noteReconnection(): void;
  /** Holds to be released now: each version is given one more chance, and no second. */
  takePardons(): readonly Hold[];
  forget(): void;
};

export function createRefusals(): Refusals {
  const counts: Record<string, number> = {};
  const refused = new Map<string, Hold>();
  const pardoned = new Set<string>();
  let isMetAgain = false;

  function forgetCounts(): void {
    for (const name of Object.keys(counts)) delete counts[name];
  }

  return {
    counts: () => counts,
    noteOutcome({ step, failure }) {
      if (step.kind !== 'start-container' || failure === undefined) return;
      // What did not reach the engine, nobody has refused; what is hopeless is not asked twice.
      if (/^ENGINE_(UNREACHABLE|TIMEOUT)$/.test(failure.code)) return;
      const { name } = step.target;
      counts[name] = (counts[name] ?? 0) + (failure.reaction === 'retry' ? 1 : 2);
    },
    noteFinding(finding) {
      if (finding.kind === 'failed' && finding.wasRefused) refused.set(toKey(finding.hold), finding.hold);
    },
    noteReconnection() {
      isMetAgain = true;
    },
    takePardons() {
      if (!isMetAgain) return [];
      isMetAgain = false;
      forgetCounts();
      const pardons = [...refused].filter(([key]) => !pardoned.has(key));
      refused.clear();
      for (const [key] of pardons) pardoned.add(key);
      return pardons.map(([, hold]) => hold);
    },
    forget() {
      forgetCounts();
      refused.clear();
      pardoned.clear();
    },
  };
}

function toKey({ service, generation, imageId }: Hold): string {
  return `${service} ${generation} ${imageId}`;
}
