// Which generations a stack has had: noted when a container of it is made, and again when the stack is as
// declared, because only then is one proven. What ran before there was a history is noted then, too.
import type { DesiredService, DesiredStack } from '#domain/desired.ts';
import { generationLabel, serviceLabel } from '#domain/labels.ts';
import type { CycleReport, ServiceReport, StepOutcome } from '#domain/outcome.ts';
import type { HistoryWriter } from '#ports/store.ts';

export type GenerationDeps = {
  readonly store: Pick<HistoryWriter, 'recordGeneration' | 'settleGeneration'>;
  readonly findStack: (name: string) => DesiredStack | undefined;
};

/** What is known of one stack, so that a quiet look costs nothing. */
export type GenerationMemory = {
  /** Services that got a new container for another reason than drift. */
  readonly made: Set<string>;
  settled: string;
};

export function createGenerationMemory(): GenerationMemory {
  return { made: new Set(), settled: '' };
}

export type NoteInput = {
  readonly stack: string;
  readonly revision: string;
  readonly atMs: number;
  readonly memory: GenerationMemory;
};

export function noteMade({ step, result }: StepOutcome, input: NoteInput, deps: GenerationDeps): void {
  if (step.kind !== 'create-container' || result !== 'done') return;
  const { labels, imageId } = step.container;
  const name = labels[serviceLabel] ?? '';
  if (step.cause.reason !== 'Drifted') input.memory.made.add(name);
  // The step has no file contents; a declaration that has just changed again is not in force any more.
  const service = findDeclared(deps, input.stack, name, labels[generationLabel]);
  if (service !== undefined) record(service, { ...input, imageId, digests: [] }, deps);
}

/** The services that have arrived at something new, as `web 0123456789ab (nginx:1.27)`. */
export function noteConverged(
  report: CycleReport,
  memory: GenerationMemory,
  deps: GenerationDeps,
): readonly string[] {
  if (report.result !== 'converged' || report.images === undefined) return [];
  const signature = JSON.stringify([report.services.map(({ generation }) => generation), report.images]);
  if (signature === memory.settled) return [];
  memory.settled = signature;
  const arrived = report.services.filter((service) => settle(service, report, memory, deps));
  memory.made.clear();
  return arrived.map(({ name, generation, image }) => `${name} ${generation} (${image})`);
}

function settle(
  service: ServiceReport,
  report: CycleReport,
  memory: GenerationMemory,
  deps: GenerationDeps,
): boolean {
  const image = report.images?.find((each) => each.service === service.name);
  // Scaled to nothing.
  if (image === undefined) return false;
  const { stack, revision } = report;
  const atMs = report.startedAtMs + Math.round(report.durationMs);
  const { name, generation } = service;
  const key = { stack, service: name, generation, imageId: image.imageId };
  const result = deps.store.settleGeneration({ ...key, revision, atMs });
  const declared = findDeclared(deps, stack, name, generation);
  if (declared !== undefined) {
    record(declared, { stack, revision, atMs, ...image, readyAtMs: atMs }, deps);
  }
  return result === 'settled' || (result === 'unknown' && memory.made.has(name));
}

type Application = {
  readonly stack: string;
  readonly revision: string;
  readonly atMs: number;
  readonly imageId: string;
  readonly digests: readonly string[];
  readonly readyAtMs?: number;
};

function record(service: DesiredService, application: Application, { store }: GenerationDeps): void {
  const { stack, revision, atMs, imageId, digests, readyAtMs } = application;
  store.recordGeneration({
    stack,
    service: service.name,
    generation: service.generation,
    imageId,
    specHash: service.specHash,
    image: service.spec.image,
    digests,
    revision,
    appliedAtMs: atMs,
    ...(readyAtMs === undefined ? {} : { readyAtMs }),
    spec: service.spec,
  });
}

/** The declaration of today, if it is of that generation. */
function findDeclared(
  { findStack }: GenerationDeps,
  stack: string,
  name: string,
  generation: string | undefined,
): DesiredService | undefined {
  const service = findStack(stack)?.services.find((each) => each.name === name);
  return service?.generation === generation ? service : undefined;
}
