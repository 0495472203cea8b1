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
    findings: parts.flatMap((part) => part.findings),
    steps: parts.flatMap((part) => part.steps),
    waits: parts.flatMap((part) => part.waits),
    blocks: parts.flatMap((part) => part.blocks),
    differences: parts.flatMap((part) => part.differences),
    probes: parts.flatMap((part) => part.probes),
    yields: parts.flatMap((part) => part.yields),
    dueAtMs: parts.flatMap((part) => part.dueAtMs),
  };
}

/** Holds every step back until `after` has been seen; steps that already wait for something keep their own. */
export function holdBack(part: PlanPart, after: string | undefined): PlanPart {
  if (after === undefined) return part;
  return { ...part, steps: part.steps.map((step) => ({ ...step, after: step.after ?? after })) };
}
