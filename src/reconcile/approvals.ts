// What a human has let go that a guard had stopped: removals, and mass changes. Given to exactly the set that a
// token names; kept by the store, so that a restart in the middle does not ask again.
import type { DesiredApp } from '#domain/desired.ts';
import { type Approval, approvalLifeMs } from '#domain/history-overrides.ts';
import { judgePruning, type PruneLimits, type PruneVerdict } from '#domain/judge-pruning.ts';
import type { ObservedHost } from '#domain/observed.ts';
import type { Clock } from '#ports/clock.ts';
import type { OverrideStore } from '#ports/store.ts';

export type ApprovalRecords = Pick<OverrideStore, 'listApprovals' | 'putApproval' | 'removeApproval'>;

export type Approvals = {
  /** Allows the set that a plan named, or will name, by this token, and no other. */
  approve(token: string): void;
  /** Whether a plan has asked for it. */
  isWaiting(token: string): boolean;
  /** Names a set that waits, and says which of it has been let go. */
  ask(token: string, ids: readonly string[]): ReadonlySet<string>;
  judge(apps: readonly DesiredApp[], observed: ObservedHost): PruneVerdict;
};

const tokensKept = 100;

export function createApprovals(
  owner: string,
  limits: PruneLimits,
  clock: Pick<Clock, 'nowMs'>,
  records: ApprovalRecords = createApprovalMemory(),
): Approvals {
  /** What each token stands for, as far as plans have told. */
  const asked = new Map<string, readonly string[]>();

  function listValid(): readonly Approval[] {
    const nowMs = clock.nowMs();
    // One from the future was given before the clock was put right.
    const isOver = ({ grantedAtMs }: Approval) => Math.abs(nowMs - grantedAtMs) > approvalLifeMs;
    for (const approval of records.listApprovals().filter(isOver)) records.removeApproval(approval.token);
    return records.listApprovals();
  }

  function ask(token: string, ids: readonly string[]): ReadonlySet<string> {
    asked.delete(token);
    asked.set(token, ids);
    for (const oldest of asked.keys()) if (asked.size > tokensKept) asked.delete(oldest);
    const valid = listValid();
    const named = valid.find((approval) => approval.token === token);
    // By id from here on: the set shrinks while it is being worked off, and its token with it.
    if (named?.covers.length === 0) records.putApproval({ ...named, covers: ids });
    return new Set([...valid.flatMap(({ covers }) => covers), ...(named?.covers.length === 0 ? ids : [])]);
  }

  return {
    approve: (token) =>
      records.putApproval({ token, grantedAtMs: clock.nowMs(), covers: asked.get(token) ?? [] }),
    isWaiting: (token) => asked.has(token),
    ask,
    judge(apps, observed) {
      const verdict = judgePruning(apps, observed, owner, { limits, approvedIds: new Set() });
      if (verdict.allowed) return verdict;
      const approvedIds = ask(
        verdict.token,
        verdict.removals.map(({ id }) => id),
      );
      return judgePruning(apps, observed, owner, { limits, approvedIds });
    },
  };
}

/** For one run only. */
function createApprovalMemory(): ApprovalRecords {
  const known = new Map<string, Approval>();
  return {
    listApprovals: () => [...known.values()],
    putApproval: (approval) => void known.set(approval.token, approval),
    removeApproval: (token) => void known.delete(token),
  };
}
