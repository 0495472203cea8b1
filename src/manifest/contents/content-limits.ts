import { InvalidValue } from '../place.ts';

/** Bounds on what may be taken from the state repo: what is delivered is held in memory. */
export type ContentLimits = {
  /** Of one file. */
  readonly maxFileBytes: number;
  /** Of all files of a service, and of a stack, together. */
  readonly maxServiceBytes: number;
  readonly maxStackBytes: number;
  /** Files and directories of a service, and of a stack, that are looked at. */
  readonly maxServiceEntries: number;
  readonly maxStackEntries: number;
  /** How deep below a delivered directory or a build context its files may lie. */
  readonly maxDirectoryDepth: number;
  /** Files and directories of all build contexts of a stack. */
  readonly maxContextEntries: number;
  /** What comparing them with .dockerignore may cost. */
  readonly maxIgnoreSteps: number;
};

export const defaultContentLimits: ContentLimits = {
  maxFileBytes: 1024 * 1024,
  maxServiceBytes: 8 * 1024 * 1024,
  maxStackBytes: 32 * 1024 * 1024,
  maxServiceEntries: 1000,
  maxStackEntries: 10_000,
  maxDirectoryDepth: 32,
  maxContextEntries: 50_000,
  maxIgnoreSteps: 500_000_000,
};

/** What is left of the limits. */
export type Budget = {
  bytesLeft(): number;
  /** @throws InvalidValue when there have been too many */
  takeEntry(): void;
  /** @throws InvalidValue when there have been too many */
  takeBytes(count: number): void;
};

export function createStackBudget({ maxStackBytes, maxStackEntries }: ContentLimits): Budget {
  return createBudget('stack', maxStackBytes, maxStackEntries, undefined);
}

/** What a service takes is taken from its stack as well. */
export function createServiceBudget(
  { maxServiceBytes, maxServiceEntries }: ContentLimits,
  stack: Budget,
): Budget {
  return createBudget('service', maxServiceBytes, maxServiceEntries, stack);
}

const hint = 'large or many files belong into the image or into a volume';

function createBudget(
  of: 'stack' | 'service',
  maxBytes: number,
  maxEntries: number,
  outer: Budget | undefined,
): Budget {
  let bytesLeft = maxBytes;
  let entriesLeft = maxEntries;
  return {
    bytesLeft: () => Math.max(0, Math.min(bytesLeft, outer?.bytesLeft() ?? bytesLeft)),
    takeEntry() {
      outer?.takeEntry();
      entriesLeft -= 1;
      if (entriesLeft >= 0) return;
      const message = `a ${of} takes at most ${maxEntries} files and directories from the state repo`;
      throw new InvalidValue(message, hint);
    },
    takeBytes(count) {
      outer?.takeBytes(count);
      bytesLeft -= count;
      if (bytesLeft >= 0) return;
      throw new InvalidValue(`a ${of} takes at most ${maxBytes} bytes in files from the state repo`, hint);
    },
  };
}
