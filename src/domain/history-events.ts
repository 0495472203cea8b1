// What a cycle is worth telling of, given what was told of the stack before. A change is told when the stack
// has arrived; a trouble once, when it comes up, and once when it is over.
import type { HistoryEvent } from './event.ts';
import { describeTarget, formatDifference } from './format-plan.ts';
import { describeTrouble } from './history-cycle.ts';
import { isOverrideBlock } from './lay-overrides.ts';
import type { CycleReport, StepOutcome } from './outcome.ts';

/** What has been told of one stack. */
export type EventMemory = {
  readonly trouble: string;
  readonly drift: string;
  /** What has been undone since the stack was last as declared. */
  readonly healing: readonly string[];
};

export const nothingTold: EventMemory = { trouble: '', drift: '', healing: [] };

export type Told = { readonly events: readonly HistoryEvent[]; readonly memory: EventMemory };

type Part = Pick<HistoryEvent, 'kind' | 'message'> & { readonly code?: string };

const mostHealed = 20;

export function toCycleEvents(report: CycleReport, before: EventMemory): Told {
  const healing = [...new Set([...before.healing, ...listHealing(report)])].slice(0, mostHealed);
  const isThere = report.result === 'converged';
  const memory = {
    trouble: describeTrouble(report),
    drift: describeDrift(report),
    healing: isThere ? [] : healing,
  };
  const parts = [
    ...report.outcomes.flatMap(toStepPart),
    ...toTroubleParts(report, before, memory),
    ...toDriftParts(before, memory),
    ...(isThere && healing.length > 0 ? [{ kind: 'healed', message: healing.join('; ') } as const] : []),
  ];
  const { stack, revision } = report;
  const atMs = report.startedAtMs + Math.round(report.durationMs);
  return { events: parts.map((part) => ({ ...part, atMs, stack, revision })), memory };
}

function toStepPart({ step, result }: StepOutcome): readonly Part[] {
  if (result !== 'done') return [];
  if (step.kind === 'pull-image') return [{ kind: 'image-pulled', message: step.image }];
  if (step.kind === 'build-image') return [{ kind: 'image-built', message: step.image }];
  const isRemoval = step.kind === 'remove-container' || step.kind === 'remove-network';
  return isRemoval && (step.cause.reason === 'NotDeclared' || step.cause.reason === 'Inactive')
    ? [{ kind: 'pruned', message: `${describeTarget(step)}: ${step.cause.message}` }]
    : [];
}

function listHealing({ outcomes }: CycleReport): readonly string[] {
  return outcomes
    .filter(({ step, result }) => result === 'done' && step.cause.reason === 'Drifted')
    .map(({ step }) => `${step.lane.replace(/^\w+:/, '')}: ${step.cause.message}`);
}

function toTroubleParts(report: CycleReport, before: EventMemory, now: EventMemory): readonly Part[] {
  if (now.trouble === before.trouble) return [];
  if (now.trouble !== '') return describeWorst(report);
  return report.result === 'converged'
    ? [{ kind: 'recovered', message: 'what was wrong before is over' }]
    : [];
}

/** The gravest of what is wrong: a human needs one thing to begin with. */
function describeWorst({ failure, failing, manifestFault, plan }: CycleReport): readonly Part[] {
  if (failure !== undefined) return [{ kind: 'failed', code: failure.code, message: failure.message }];
  const [failed] = failing;
  if (failed?.failure !== undefined) {
    const { code, message } = failed.failure;
    const step = `${failed.step.kind} ${describeTarget(failed.step)}`;
    return [{ kind: 'failed', code, message: `${step}: ${message}` }];
  }
  if (manifestFault !== undefined) {
    return [{ kind: 'failed', code: 'INVALID_MANIFEST', message: manifestFault }];
  }
  if (plan.blocks.length === 0) return [{ kind: 'failed', message: 'the cycle did not end well' }];
  // A hold, and what people asked for, is told when it is set.
  const block = plan.blocks.find((each) => each.reason !== 'Held' && !isOverrideBlock(each));
  if (block === undefined) return [];
  return [{ kind: 'blocked', code: block.reason, message: `${block.message} (${block.unblock})` }];
}

function describeDrift({ plan }: CycleReport): string {
  return plan.differences
    .filter((difference) => difference.drift)
    .map(formatDifference)
    .join('; ');
}

/** Only drift that stays: what is healed at once is not in the plan that a cycle ends with. */
function toDriftParts(before: EventMemory, now: EventMemory): readonly Part[] {
  return now.drift === '' || now.drift === before.drift ? [] : [{ kind: 'drifted', message: now.drift }];
}
