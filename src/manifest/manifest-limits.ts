import type { YamlLimits } from './yaml/yaml-limits.ts';

/** Bounds on what a writer of the state repo can make the daemon do. */
export type ManifestLimits = YamlLimits & {
  /** Of one file. */
  readonly maxFileBytes: number;
  /** How deep below the root an app's directory may lie. */
  readonly maxDirectoryDepth: number;
  /** Directories looked into while searching for apps. */
  readonly maxDirectories: number;
  readonly maxApps: number;
};

export const defaultManifestLimits: ManifestLimits = {
  maxFileBytes: 1024 * 1024,
  maxAliases: 1000,
  maxDepth: 64,
  maxNodes: 100_000,
  maxDirectoryDepth: 8,
  maxDirectories: 10_000,
  maxApps: 1000,
};
