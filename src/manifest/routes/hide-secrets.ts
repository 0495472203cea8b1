import type { Problem } from '#domain/problem.ts';

/**
 * The line of a user of an access list may have the password in it, and so may one that cannot be read, or that
 * says the whole in one. What was found in place of a user or of a password may be one.
 */
export function hideSecrets(problem: Problem): Problem {
  const { file, path = '', message, excerpt = '' } = problem;
  if (file !== 'fleet.yaml' || !(isNear(path) || /password|accessLists/i.test(excerpt))) return problem;
  const { excerpt: _, ...rest } = problem;
  if (!path.startsWith('spec.proxy.accessLists')) return rest;
  return { ...rest, message: message.replace(/, found [^]*$/, '') };
}

function isNear(path: string): boolean {
  return path === '' || path === 'spec' || path.startsWith('spec.proxy');
}
