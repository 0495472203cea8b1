/**
 * Where our reading of a recorded Compose project differs from Compose's on purpose: case → reason. A case in
 * this table that agrees all the same fails the test, so that the table stays true.
 */
export const configDifferences: Readonly<Record<string, string>> = {};
