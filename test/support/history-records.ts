// Records of the past with sensible defaults.
import type { ContainerSpec } from '#domain/container-spec.ts';
import type { HistoryEvent } from '#domain/event.ts';
import type { CycleRecord, Evidence, GenerationFacts } from '#domain/history.ts';
import type { KeptHold, Override, RollbackTarget } from '#domain/history-overrides.ts';
import { aService } from './builders.ts';

export const aRevision = 'main@sha1:0123456789abcdef0123456789abcdef01234567';

export function aCycle(changes: Partial<CycleRecord> = {}): CycleRecord {
  return {
    stack: 'shop',
    app: 'shop',
    revision: aRevision,
    trigger: 'revision',
    result: 'waiting',
    generations: { web: '0123456789ab' },
    steps: [
      {
        kind: 'create-container',
        target: 'container shop-web-1',
        cause: { reason: 'Missing', message: 'declared, but missing' },
        result: 'done',
        durationMs: 12,
        warnings: [],
      },
    ],
    pending: ['wait: container shop-web-1 is starting'],
    startedAtMs: 1_000_000,
    durationMs: 40,
    ...changes,
  };
}

export function aGeneration(
  changes: Partial<GenerationFacts> & { readonly spec?: Partial<ContainerSpec> } = {},
): GenerationFacts & { readonly spec: ContainerSpec } {
  const { spec, ...facts } = changes;
  const service = aService({ spec: spec ?? {} });
  return {
    stack: 'shop',
    service: 'web',
    generation: service.generation,
    imageId: 'sha256:aaaa',
    specHash: service.specHash,
    image: service.spec.image,
    digests: ['web@sha256:dddd'],
    revision: aRevision,
    appliedAtMs: 1_000_000,
    spec: service.spec,
    ...facts,
  };
}

export function anEvent(changes: Partial<HistoryEvent> = {}): HistoryEvent {
  return { kind: 'rolled-out', atMs: 1_000_000, stack: 'shop', message: 'web', ...changes };
}

export function anEvidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    stack: 'shop',
    service: 'web',
    generation: '0123456789ab',
    container: 'shop-web-1--01234567',
    atMs: 1_000_000,
    reason: 'it ended with code 3',
    exitCode: 3,
    logLines: ['starting', 'no'],
    ...changes,
  };
}

export function aHold(changes: Partial<KeptHold> = {}): KeptHold {
  return {
    stack: 'shop',
    service: 'web',
    generation: '0123456789ab',
    imageId: 'sha256:aaaa',
    message: 'it never became healthy',
    sinceMs: 1_000_000,
    ...changes,
  };
}

export function anOverride(changes: Partial<Override> = {}): Override {
  return { kind: 'suspended', stack: 'shop', reason: 'a migration', sinceMs: 1_000_000, ...changes };
}

/** Where a rollback of `web` goes, of which nothing had to be withheld. */
export function aTarget(changes: Partial<RollbackTarget> = {}): RollbackTarget {
  const { spec, generation, specHash } = aService();
  const image = { image: spec.image, imageId: 'sha256:aaaa' };
  const stored = { spec, withheld: [] };
  return { generation, specHash, ...image, declared: '0123456789ab', stored, ...changes };
}
