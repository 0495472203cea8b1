import { Failure } from '#ports/failure.ts';

const deepest = 8;
const longestChain = 8;

/** A copy that serialises: errors as facts, no cycles, no functions, no buffers. */
export function toLoggable(value: unknown, above: readonly object[] = []): unknown {
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return describeError(value, above);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (above.includes(value)) return '[circular]';
  if (above.length >= deepest) return '[too deep]';
  const path = [...above, value];
  if (value instanceof URL) return value.href;
  if (value instanceof Map) return toLoggable(Object.fromEntries(value), path);
  if (Array.isArray(value) || value instanceof Set) return [...value].map((part) => toLoggable(part, path));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toLoggable(part, path)]));
}

/** A failure was to be expected, so its stack says nothing; a bug's stack is what one needs. */
function describeError(error: Error, above: readonly object[]): unknown {
  const causes = causesOf(error);
  return {
    name: error.name,
    ...codeOf(error),
    message: error.message,
    ...(causes.length > 0 && { causes }),
    ...(error instanceof AggregateError && { errors: toLoggable(error.errors, [...above, error]) }),
    ...(!(error instanceof Failure) && { stack: error.stack }),
  };
}

function causesOf(error: Error): readonly unknown[] {
  const causes: unknown[] = [];
  let cause = error.cause;
  while (cause instanceof Error && causes.length < longestChain) {
    causes.push({ ...codeOf(cause), message: cause.message });
    cause = cause.cause;
  }
  const isEnd = cause === undefined || cause === null || cause instanceof Error;
  return isEnd ? causes : [...causes, { message: String(cause) }];
}

function codeOf(error: Error): { code?: unknown } {
  return 'code' in error && error.code !== undefined ? { code: error.code } : {};
}
