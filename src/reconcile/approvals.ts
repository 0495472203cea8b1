import type { DesiredApp } from '#domain/desired.ts';
import { judgePruning, type PruneLimits, type PruneVerdict } from '#domain/judge-pruning.ts';
import type { ObservedHost } from '#domain/observed.ts';

export type Approvals = {
  /** Allows the set of removals that a plan named by this token, and no other. */
  approvePrune(token: string): void;
  judge(apps: readonly DesiredApp[], observed: ObservedHost): PruneVerdict;
};

const tokensKept = 100;

/** Held in memory only: after a restart, a removal that is still pending asks again. */
export function createApprovals(owner: string, limits: PruneLimits): Approvals {
  const tokens = new Set<string>();
  const approvedIds = new Set<string>();
  return {
    approvePrune(token) {
      tokens.add(token);
      for (const oldest of tokens) if (tokens.size > tokensKept) tokens.delete(oldest);
    },
    judge(apps, observed) {
      const verdict = judgePruning(apps, observed, owner, { limits, approvedIds });
      if (verdict.allowed || !tokens.delete(verdict.token)) return verdict;
      // By id from here on: the set shrinks while it is being removed, and its token with it.
      for (const container of verdict.removals) approvedIds.add(container.id);
      return judgePruning(apps, observed, owner, { limits, approvedIds });
    },
  };
}
