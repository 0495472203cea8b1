import { StoreError, type StoreErrorCode } from '#ports/store.ts';

// SQLite's primary result codes; the extended ones have them in their lowest byte.
const codeByResult: Readonly<Record<number, StoreErrorCode>> = {
  5: 'STORE_LOCKED',
  6: 'STORE_LOCKED',
  8: 'STORE_READ_ONLY',
  11: 'STORE_CORRUPT',
  13: 'STORE_FULL',
  26: 'STORE_CORRUPT',
};
// From making the directory or the file.
const codeBySystemError: Readonly<Record<string, StoreErrorCode>> = {
  EACCES: 'STORE_READ_ONLY',
  EPERM: 'STORE_READ_ONLY',
  EROFS: 'STORE_READ_ONLY',
  ENOSPC: 'STORE_FULL',
  EDQUOT: 'STORE_FULL',
};

/** The message says what SQLite or the system said: it names no content. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  // A row that is no JSON any more: somebody else has written into the file.
  if (error instanceof SyntaxError) return new StoreError('STORE_CORRUPT', 'a row cannot be read');
  return new StoreError(findCode(error) ?? 'STORE_FAILED', message, { cause: error });
}

function findCode(error: unknown): StoreErrorCode | undefined {
  const { errcode, code } = error as { readonly errcode?: unknown; readonly code?: unknown };
  if (typeof errcode === 'number') return codeByResult[errcode & 0xff];
  return typeof code === 'string' ? codeBySystemError[code] : undefined;
}
