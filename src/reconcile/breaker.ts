// Counts, over all stacks of a host, the replacements that Git did not ask for. It does not close again by mere
// passing of time: what was stopped still counts until it is approved, or no longer wanted.
import type { DesiredStack } from '#domain/desired.ts';
import {
  type ChangeLimits,
  changeWindowMs,
  judgeChanges,
  keepBack,
  listUnaskedReplacements,
} from '#domain/judge-changes.ts';
import { isOwnedBy, nameLabel } from '#domain/labels.ts';
import type { ObservedContainer, ObservedHost } from '#domain/observed.ts';
import type { Plan } from '#domain/plan.ts';
import { toSetToken } from '#domain/set-token.ts';
import type { Clock } from '#ports/clock.ts';
import type { Approvals } from './approvals.ts';

export type Breaker = {
  /** The plan, without what has to wait for approval. */
  guard(plan: Plan, stack: DesiredStack | undefined, observed: ObservedHost): Plan;
  forget(stack: string): void;
};

export type BreakerDeps = {
  readonly owner: string;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly approvals: Pick<Approvals, 'ask'>;
  readonly limits: ChangeLimits;
};

export function createBreaker({ owner, clock, approvals, limits }: BreakerDeps): Breaker {
  /** By the id of the container that gives way: when that began. Once begun, it is not stopped half-way. */
  const begunAtMs = new Map<string, number>();
  /** What each stack was kept from. */
  const keptBack = new Map<string, readonly string[]>();

  return {
    guard(plan, stack, observed) {
      const nowMs = clock.monotonicMs();
      for (const [id, atMs] of begunAtMs) if (nowMs - atMs > changeWindowMs) begunAtMs.delete(id);
      const fresh = listUnaskedReplacements(plan, stack, observed).filter(
        ({ container }) => !begunAtMs.has(container.id),
      );
      const ids = fresh.map(({ container }) => container.id);
      keptBack.delete(plan.stack);
      if (fresh.length === 0) return plan;
      const elsewhere = [...keptBack.values()].flat();
      const waiting = [...elsewhere, ...ids];
      const owned = observed.containers.filter((each) => isLive(each, owner)).length;
      const { allowed, reason } = judgeChanges(begunAtMs.size + waiting.length, owned, limits);
      const token = toSetToken(waiting.map((id) => `replace ${id}`));
      const approved = allowed ? new Set(ids) : approvals.ask(token, waiting);
      const stopped = fresh.filter(({ container }) => !approved.has(container.id));
      for (const id of ids) if (approved.has(id)) begunAtMs.set(id, nowMs);
      if (stopped.length > 0) {
        keptBack.set(
          plan.stack,
          stopped.map(({ container }) => container.id),
        );
      }
      return keepBack(plan, stopped, { reason, token });
    },
    forget: (stack) => void keptBack.delete(stack),
  };
}

/** Candidates, and what is kept to go back to, do not make a host larger than it is. */
function isLive({ name, labels }: ObservedContainer, owner: string): boolean {
  return isOwnedBy(labels, owner) && labels[nameLabel] === name;
}
