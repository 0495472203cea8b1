// The one place where records are made fit to be kept. What identifies stays as it is, or nothing would be
// found again should a secret happen to be part of a name.
import { Buffer } from 'node:buffer';
import type { ContainerSpec } from '#domain/container-spec.ts';
import type { HistoryEvent } from '#domain/event.ts';
import type { CycleRecord, Evidence, GenerationFacts } from '#domain/history.ts';
import { toBoundedEvidence } from '#domain/history-evidence.ts';
import type { KeptHold, Override } from '#domain/history-overrides.ts';
import { type StoredSpec, toStoredSpec } from '#domain/history-spec.ts';
import type { Redactor } from '#domain/redactor.ts';

type Redact = Pick<Redactor, 'redact' | 'redactDeep'>;

export function redactCycle(cycle: CycleRecord, redactor: Redact): CycleRecord {
  const { stack, app, revision, generations } = cycle;
  return { ...redactLike(cycle, redactor), stack, app, revision, generations };
}

const longestMessage = 4_000;

export function redactEvent(event: HistoryEvent, redactor: Redact): HistoryEvent {
  const { kind, atMs, stack, service, revision, ...rest } = event;
  const { message, ...more } = redactLike(rest, redactor);
  return {
    kind,
    atMs,
    ...(stack === undefined ? {} : { stack }),
    ...(service === undefined ? {} : { service }),
    ...(revision === undefined ? {} : { revision }),
    ...more,
    message: message.slice(0, longestMessage),
  };
}

/** Cut after it was redacted: half a secret is not recognised any more. */
export function redactEvidence(evidence: Evidence, redactor: Redact): Evidence {
  const { stack, service, generation } = evidence;
  return toBoundedEvidence({ ...redactLike(evidence, redactor), stack, service, generation });
}

export function redactGeneration(
  generation: GenerationFacts & { readonly spec: ContainerSpec },
  { redact }: Redact,
): GenerationFacts & { readonly spec: StoredSpec } {
  const decodeBase64 = (base64: string) => Buffer.from(base64, 'base64').toString('utf8');
  return {
    ...generation,
    image: redact(generation.image),
    digests: generation.digests.map(redact),
    spec: toStoredSpec(generation.spec, { redact, decodeBase64 }),
  };
}

export function redactHold(hold: KeptHold, { redact }: Redact): KeptHold {
  return { ...hold, message: redact(hold.message).slice(0, longestMessage) };
}

export function redactOverride(override: Override, { redact }: Redact): Override {
  return { ...override, reason: redact(override.reason).slice(0, longestMessage) };
}

function redactLike<T extends object>(value: T, { redactDeep }: Redact): T {
  // Strings become strings, and everything else stays what it is.
  return redactDeep(value) as T;
}
