import type { ShownEqual } from './equality.ts';
import type { HookMemory } from './hook.ts';
import type { PruneVerdict } from './judge-pruning.ts';
import type { SetAside, StartRequest } from './lay-overrides.ts';
import type { ProbeResults } from './probe.ts';
import type { Hold } from './rollout.ts';

/** Everything a plan depends on beside desired and observed state: equal inputs give an equal plan. */
export type PlanContext = {
  /** This instance; only what carries it in its labels is ever touched. */
  readonly owner: string;
  /** Recorded on what is created. */
  readonly revision: string;
  readonly nowMs: number;
  /** When the wall clock was last set, by the new reckoning: no container has been starting since before. */
  readonly clockSetAtMs?: number;
  /** Whether the engine takes several networks at create (API ≥ 1.44). */
  readonly multiEndpointCreate: boolean;
  /** `1.41`; absent: whatever is declared is known to the engine. */
  readonly apiVersion?: string;
  /**
   * Generations that this stack had when it last converged, by service. A missing container of such a
   * generation is drift; of any other it is simply not there yet.
   */
  readonly appliedGenerations: Readonly<Record<string, string>>;
  /** That of the stack when it last converged. */
  readonly appliedContentHash?: string | undefined;
  /** Images with `pull_policy: always` that need no further pull for now. */
  readonly freshImages: ReadonlySet<string> | 'all';
  /** Versions of this stack's services that failed. */
  readonly holds: readonly Hold[];
  /** Since when a replaced container has been known as such, by id. */
  readonly retiredAtMs: Readonly<Record<string, number>>;
  /**
   * Containers, by id, that the engine itself showed to be equal to one of another generation: made of either,
   * they come out the same, so nothing is to be gained by replacing them.
   */
  readonly equalGenerations: Readonly<Record<string, ShownEqual>>;
  /** How often the engine has refused to start a container of that name. Absent: once is enough to have failed. */
  readonly refusedStarts?: Readonly<Record<string, number>>;
  /** What containers last answered to their health checks. */
  readonly probes: ProbeResults;
  readonly hooks: HookMemory;
  /** What the stack waits for before it begins with anything new: `app db is ready`. */
  readonly awaitedApps: readonly string[];
  readonly prune: PruneVerdict;
  /** Services that people have taken out of the loop's hands; absent: none. */
  readonly setAside?: Readonly<Record<string, SetAside>>;
  /** One start more that people have asked for, by container; absent: none. */
  readonly requests?: Readonly<Record<string, StartRequest>>;
  /** Names of all stacks that Git declares: what another one of ours left behind may be taken over. */
  readonly declaredStacks: ReadonlySet<string>;
  /** The container that this process runs in: never stopped, never replaced. */
  readonly selfContainerId?: string;
};
