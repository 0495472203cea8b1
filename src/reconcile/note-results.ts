// What the next looks, and the history, must know of what was found and done.

import { formatFinding } from '#domain/format-plan.ts';
import type { StepOutcome } from '#domain/outcome.ts';
import type { Finding } from '#domain/plan.ts';
import { collectEvidence } from './collect-evidence.ts';
import type { CycleDeps, CycleInput, Progress } from './cycle-context.ts';

/** The hold comes first: whatever happens while evidence is collected, the version is not tried again. */
export async function noteFinding(
  finding: Finding,
  { stack, memory, signals }: CycleInput,
  { holds, engine, engineFacts, equalities, clock, recordEvidence }: CycleDeps,
  { look: { observed }, warnings }: Progress,
): Promise<void> {
  memory.refusals.noteFinding(finding);
  if (finding.kind === 'equal') {
    const { container, generation, limits } = finding;
    const shown = { containerId: container.id, generation, limits };
    equalities.note(shown, await engineFacts.read(signals.abort));
    if (finding.mistaken.length > 0) warnings.push(formatFinding(finding));
    return;
  }
  if (finding.kind === 'hook-done') {
    memory.hooks.succeeded[finding.hook] = finding.version;
    return;
  }
  if (finding.kind === 'failed') holds.add(stack, finding.hold);
  else memory.hooks.noted.add(finding.container.id);
  const probe = memory.probes.results()[finding.container.id];
  const scene = { stack, observed, atMs: clock.nowMs(), probe };
  recordEvidence(await collectEvidence(finding, scene, engine, signals.abort));
}

export function noteOutcomes(
  outcomes: readonly StepOutcome[],
  { memory }: CycleInput,
  deps: CycleDeps,
  progress: Progress,
): void {
  progress.outcomes.push(...outcomes);
  for (const outcome of outcomes) {
    const { step, result } = outcome;
    memory.records.note(outcome, toMoment(deps));
    memory.refusals.noteOutcome(outcome);
    if (step.kind === 'pull-image' && result === 'done') memory.freshImages.add(step.image);
    // No listing shows a changed restart policy.
    if ('target' in step && step.target.id !== undefined) deps.observer.dropDetails(step.target.id);
  }
}

export function toMoment({ clock }: CycleDeps) {
  return { nowMs: clock.monotonicMs(), random: clock.random() };
}
