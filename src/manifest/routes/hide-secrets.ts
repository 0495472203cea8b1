import type { Problem } from '#domain/problem.ts';

/** The line of a user of an access list may have the password in it. */
export function hideSecrets(problem: Problem): Problem {
  if (!problem.path?.startsWith('spec.proxy.accessLists')) return problem;
  const { excerpt: _, ...rest } = problem;
  return rest;
}
