import packageJson from '#package.json' with { type: 'json' };

/** `revision` is put in by the bundler; a run from source has none. */
export const build = {
  version: packageJson.version,
  revision: process.env['SHOREFAST_BUILD_REVISION'] ?? 'source',
} as const;
