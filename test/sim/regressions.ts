/**
 * Seeds that found something, and what it was. A seed means what the generator makes of it: after a change of the
 * generator they are only seeds like any other, and what they found is told by the unit tests.
 */
export const regressions: readonly { readonly seed: number; readonly found: string }[] = [];
