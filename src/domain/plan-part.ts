import type { Block, Difference, Finding, Plan, Step, Wait } from './plan.ts';
import type { ProbeRequest } from './probe.ts';

/** What one planner file contributes. */
export type PlanPart = Omit<Plan, 'stack' | 'dueAtMs'> & {
  readonly dueAtMs: readonly number[];
  /** Containers on their way out that something declared waits for, and what is enough to make room. */
  readonly yields: readonly { readonly containerId: string; readonly how: 'stop' | 'remove' }[];
};

const emptyPart: PlanPart = {
  findings: [],
  steps: [],
  waits: [],
  blocks: [],
  differences: [],
  probes: [],
  yields: [],
  dueAtMs: [],
};

export function toPart(part: {
  readonly findings?: readonly Finding[];
  readonly steps?: readonly Step[];
  readonly waits?: readonly Wait[];
  readonly blocks?: readonly Block[];
  readonly differences?: readonly Difference[];
  readonly probes?: readonly ProbeRequest[];
  readonly yields?: PlanPart['yields'];
  readonly dueAtMs?: readonly number[];
}): PlanPart {
  return { ...emptyPart, ...part };
}

export function mergeParts(parts: readonly PlanPart[]): PlanPart {
  return {
    findings: join(parts, 'findings'),
    steps: join(parts, 'steps'),
    waits: join(parts, 'waits'),
    blocks: join(parts, 'blocks'),
    differences: join(parts, 'differences'),
    probes: join(parts, 'probes'),
    yields: join(parts, 'yields'),
    dueAtMs: join(parts, 'dueAtMs'),
  };
}

/** Without a copy where only one of them has anything: parts are joined at every level of a plan. */
function join<K extends keyof PlanPart>(parts: readonly PlanPart[], kind: K): PlanPart[K] {
  const lists: PlanPart[K][] = parts.map(({ [kind]: list }) => list).filter(({ length }) => length > 0);
  const [only = emptyPart[kind], ...others] = lists;
  return others.length === 0 ? only : (lists.flat() as unknown as PlanPart[K]);
}

/** Holds every step back until `after` has been seen; steps that already wait for something keep their own. */
export function holdBack(part: PlanPart, after: string | undefined): PlanPart {
  if (after === undefined) return part;
  return { ...part, steps: part.steps.map((step) => ({ ...step, after: step.after ?? after })) };
}
