import type { FileTree } from '#domain/file-tree.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import type { SecretHasher } from './hash-secret.ts';
import type { Fleet } from './load-fleet.ts';
import type { ManifestLimits } from './manifest-limits.ts';

/** What every app is loaded with. */
export type LoadContext = {
  readonly tree: FileTree;
  readonly fleet: Fleet;
  readonly policy: HostPolicy;
  readonly limits: ManifestLimits;
  readonly hashSecret: SecretHasher;
};
