import { expect, it } from 'vitest';
import { exitCodeOf, exitCodes } from '#cli/exit-codes.ts';
import { EngineError } from '#ports/engine.ts';
import { GitError } from '#ports/git-source.ts';

it('the exit codes are what scripts know', () => {
  expect(exitCodes).toEqual({
    ok: 0,
    different: 1,
    usage: 2,
    notFound: 3,
    auth: 4,
    timeout: 5,
    blocked: 6,
    conflict: 7,
    failed: 10,
    internal: 11,
  });
});

it.each([
  [new GitError('GIT_NOT_CONFIGURED', 'm'), 2],
  [new GitError('GIT_REF_NOT_FOUND', 'm'), 3],
  [new GitError('GIT_AUTH_FAILED', 'm'), 4],
  [new EngineError('IMAGE_ACCESS_DENIED', 'm'), 4],
  [Object.assign(new Error('m'), { code: 'UNAUTHORIZED' }), 4],
  [new GitError('GIT_TIMEOUT', 'm'), 5],
  [new EngineError('ENGINE_CONFLICT', 'm'), 7],
  [new EngineError('ENGINE_UNREACHABLE', 'm'), 10],
  [new TypeError('x is undefined'), 11],
  ['a text', 11],
])('%o ends the program with %i', (error, exitCode) => {
  expect(exitCodeOf(error)).toBe(exitCode);
});
