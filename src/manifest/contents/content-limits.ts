import { InvalidValue } from '../place.ts';

/** Bounds on what one service may take from the state repo: all of it is held in memory. */
export type ContentLimits = {
  /** Of one file. */
  readonly maxFileBytes: number;
  /** Of all files of a service together. */
  readonly maxServiceBytes: number;
  /** Files and directories of a service that are looked at. */
  readonly maxServiceEntries: number;
  /** How deep below a delivered directory or a build context its files may lie. */
  readonly maxDirectoryDepth: number;
  /** Files and directories of a build context. */
  readonly maxContextEntries: number;
};

export const defaultContentLimits: ContentLimits = {
  maxFileBytes: 1024 * 1024,
  maxServiceBytes: 8 * 1024 * 1024,
  maxServiceEntries: 1000,
  maxDirectoryDepth: 32,
  maxContextEntries: 50_000,
};

/** What is left of the limits of a service, or of a build context. */
export type Budget = {
  readonly bytesLeft: number;
  /** @throws InvalidValue when there have been too many */
  takeEntry(path: string): void;
  /** @throws InvalidValue when there have been too many */
  takeBytes(count: number): void;
};

const hint = 'large or many files belong into the image or into a volume';

export function createServiceBudget({ maxServiceBytes, maxServiceEntries }: ContentLimits): Budget {
  let bytesLeft = maxServiceBytes;
  let entriesLeft = maxServiceEntries;
  return {
    get bytesLeft() {
      return bytesLeft;
    },
    takeEntry() {
      entriesLeft -= 1;
      if (entriesLeft >= 0) return;
      throw new InvalidValue(
        `a service takes at most ${maxServiceEntries} files and directories from the state repo`,
        hint,
      );
    },
    takeBytes(count) {
      bytesLeft -= count;
      if (bytesLeft >= 0) return;
      throw new InvalidValue(
        `a service takes at most ${maxServiceBytes} bytes in files from the state repo`,
        hint,
      );
    },
  };
}
