// Permanent: scripts depend on them.
export const exitCodes = {
  ok: 0,
  /** Differences, or something asked for does not hold. */
  different: 1,
  usage: 2,
  notFound: 3,
  auth: 4,
  timeout: 5,
  /** A guard, a hold or a missing approval stands in the way. */
  blocked: 6,
  /** Something of others is where ours should be. */
  conflict: 7,
  failed: 10,
  /** A bug in this program. */
  internal: 11,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

// The first that matches decides.
const byErrorCode: readonly (readonly [RegExp, ExitCode])[] = [
  [/^(SETTINGS_INVALID|USAGE|GIT_NOT_CONFIGURED|GIT_INVALID_SETTING)$/, exitCodes.usage],
  [/(AUTH_FAILED|ACCESS_DENIED|UNAUTHORIZED|HOST_NOT_ALLOWED)$/, exitCodes.auth],
  [/NOT_FOUND$/, exitCodes.notFound],
  [/TIMEOUT$/, exitCodes.timeout],
  [/(CONFLICT|PORT_TAKEN)$/, exitCodes.conflict],
];

export type CodedError = Error & { readonly code: string };

/** Expected failures carry a code in upper snake; anything else is a bug. */
export function isCoded(error: unknown): error is CodedError {
  return error instanceof Error && 'code' in error && /^[A-Z][A-Z0-9_]*$/.test(String(error.code));
}

export function exitCodeOf(error: unknown): ExitCode {
  if (!isCoded(error)) return exitCodes.internal;
  return byErrorCode.find(([pattern]) => pattern.test(error.code))?.[1] ?? exitCodes.failed;
}
