// What people have laid over Git, as the loop uses it. It is kept by the store; here it comes to its end.
import type { ContainerSpec } from '#domain/container-spec.ts';
import type { DesiredService, DesiredStack } from '#domain/desired.ts';
import type { Override, RollbackTarget } from '#domain/history-overrides.ts';
import { isOwnedBy, serviceLabel, stackLabel } from '#domain/labels.ts';
import { isOver, type LaidOver, layOverrides } from '#domain/lay-overrides.ts';
import { listStartable, toLastStarts } from '#domain/list-startable.ts';
import type { ObservedHost } from '#domain/observed.ts';
import { type RestoredService, restoreService } from '#domain/restore-service.ts';
import { hashSpec } from '#manifest/content-hash.ts';
import type { Clock } from '#ports/clock.ts';
import type { OverrideStore } from '#ports/store.ts';

export type OverrideRecords = Pick<OverrideStore, 'listOverrides' | 'putOverride' | 'removeOverride'>;

export type Overrides = {
  /** What is aimed at now. Overrides that are over are ended. */
  lay(stack: string, declared: DesiredStack | undefined, observed: ObservedHost): LaidOver;
  /** What `target` would bring. A spec that could be restored once stays known, secrets included. */
  restore(
    stack: string,
    service: DesiredService,
    target: RollbackTarget,
    observed: ObservedHost,
  ): RestoredService;
  /** Whether nothing is to be done to the stack at present. */
  isSuspended(stack: string): boolean;
  /** The stack is neither declared nor on the host any more. A suspension outlives that: only people end it. */
  forget(stack: string): void;
};

export function createOverrides(
  records: OverrideRecords,
  clock: Pick<Clock, 'nowMs'>,
  owner: string,
): Overrides {
  // By stack and service: there is one rollback of each.
  const restored = new Map<string, { readonly target: RollbackTarget; readonly spec: ContainerSpec }>();

  function end(stack: string, isDone: (override: Override) => boolean): readonly Override[] {
    const done = records.listOverrides(stack).filter(isDone);
    for (const override of done) records.removeOverride(override);
    return done;
  }

  /** Git has changed what was stopped. It is started again because of that, whatever is to become of drift. */
  function startStopped(stack: DesiredStack, ended: readonly Override[], observed: ObservedHost): void {
    for (const { kind, service } of ended) {
      const containers = kind === 'stopped' ? listStartable({ stack, service, owner }, observed) : [];
      if (containers.length === 0) continue;
      const { name, contentHash } = stack;
      records.putOverride({
        kind: 'started',
        stack: name,
        ...(service !== undefined && { service }),
        reason: 'Git has changed it',
        sinceMs: clock.nowMs(),
        contentHash,
        containers: toLastStarts(containers),
      });
    }
  }

  function restore(
    stack: string,
    service: DesiredService,
    target: RollbackTarget,
    observed: ObservedHost,
  ): RestoredService {
    const key = `${stack}/${service.name}`;
    const known = restored.get(key);
    const sources = [
      ...(known?.target.specHash === target.specHash ? [known.spec] : []),
      ...listSpecs(stack, service, observed, owner),
    ];
    const found = restoreService(service, target, { sources, hashSpec });
    if (found.kind === 'restored') restored.set(key, { target, spec: found.service.spec });
    return found;
  }

  return {
    lay(stack, declared, observed) {
      const isDone = (each: Override) => isOver(each, declared, observed, clock.nowMs());
      const ended = end(stack, isDone);
      if (declared !== undefined) startStopped(declared, ended, observed);
      const overrides = records.listOverrides(stack);
      return layOverrides(declared, overrides, (service, { target }) =>
        target === undefined
          ? { kind: 'incomplete', missing: ['its target'] }
          : restore(stack, service, target, observed),
      );
    },
    restore,
    isSuspended: (stack) =>
      records
        .listOverrides(stack)
        .some(({ kind, untilMs = Infinity }) => kind === 'suspended' && untilMs > clock.nowMs()),
    forget(stack) {
      end(stack, ({ kind }) => kind !== 'suspended');
      for (const key of restored.keys()) if (key.startsWith(`${stack}/`)) restored.delete(key);
    },
  };
}

/** What containers of the service, retired ones too, still show. */
function listSpecs(
  stack: string,
  { name }: DesiredService,
  { containers }: ObservedHost,
  owner: string,
): readonly ContainerSpec[] {
  return containers
    .filter(
      ({ labels }) =>
        isOwnedBy(labels, owner) && labels[stackLabel] === stack && labels[serviceLabel] === name,
    )
    .flatMap(({ details }) => details?.spec ?? []);
}
