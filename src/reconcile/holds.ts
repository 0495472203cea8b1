// Versions that failed, by stack. Kept in memory, and told to whoever keeps them for longer: losing one costs one
// more attempt.
import type { DesiredService } from '#domain/desired.ts';
import type { Hold } from '#domain/rollout.ts';

type Version = Pick<DesiredService, 'name' | 'generation' | 'probe'>;

export type Holds = {
  of(stack: string): readonly Hold[];
  add(stack: string, hold: Hold): void;
  remove(stack: string, hold: Hold): void;
  /** Lets them be tried again, all or those of one service; those that there were. */
  release(stack: string, service?: string): readonly Hold[];
  /** Forgets those of versions that are no longer declared. */
  keepDeclared(stack: string, services: readonly Version[]): void;
};

/** `changed` is told of a stack's holds whenever they change. */
export function createHolds(
  known: ReadonlyMap<string, readonly Hold[]> = new Map(),
  changed: (stack: string, holds: readonly Hold[]) => void = () => undefined,
): Holds {
  const byStack = new Map(known);

  function set(stack: string, holds: readonly Hold[]): void {
    if (holds.length === 0) byStack.delete(stack);
    else byStack.set(stack, holds);
    changed(stack, holds);
  }

  return {
    of: (stack) => byStack.get(stack) ?? [],
    add(stack, hold) {
      const others = (byStack.get(stack) ?? []).filter((each) => !isSameVersion(each, hold));
      set(stack, [...others, hold]);
    },
    remove(stack, hold) {
      const before = byStack.get(stack) ?? [];
      const kept = before.filter((each) => !isSameVersion(each, hold));
      if (kept.length !== before.length) set(stack, kept);
    },
    release(stack, service) {
      const before = byStack.get(stack) ?? [];
      const released = before.filter((hold) => service === undefined || hold.service === service);
      if (released.length > 0) {
        set(
          stack,
          before.filter((hold) => !released.includes(hold)),
        );
      }
      return released;
    },
    keepDeclared(stack, services) {
      const before = byStack.get(stack);
      if (before === undefined) return;
      const kept = before.filter((hold) =>
        services.some(
          ({ name, generation, probe }) =>
            name === hold.service && generation === hold.generation && probe?.id === hold.probeId,
        ),
      );
      if (kept.length !== before.length) set(stack, kept);
    },
  };
}

function isSameVersion(one: Hold, other: Hold): boolean {
  return (
    one.service === other.service && one.generation === other.generation && one.imageId === other.imageId
  );
}
