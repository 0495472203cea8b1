import type { DriftMode } from '#domain/desired.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import type { AppFiles } from '../app-files.ts';
import type { Place } from '../place.ts';
import type { RolloutOptions } from '../resolve-rollout.ts';
import type { Lookup } from '../text/interpolate.ts';
import type { RawNetwork, RawService, RawVolume } from './compose-document.ts';

/** What runs, from whichever of the three forms, variables not yet put in. */
export type ComposeModel = {
  readonly services: Readonly<Record<string, RawService>>;
  /** Services that are left out, with their profiles, none of which is chosen. */
  readonly inactive: ReadonlyMap<string, readonly string[]>;
  readonly networks: Readonly<Record<string, RawNetwork | null>>;
  readonly volumes: Readonly<Record<string, RawVolume | null>>;
  /** Networks and volumes need no declaration: the shorthand has no room for one. */
  readonly declaresImplicitly: boolean;
  readonly servicePlace: (name: string) => Place;
  readonly networkPlace: (key: string) => Place;
  readonly volumePlace: (key: string) => Place;
};

/** What a stack is resolved with. */
export type StackContext = {
  /** The stack's name, which is the Compose project name. */
  readonly project: string;
  readonly app: string;
  readonly stage: string | undefined;
  readonly drift: DriftMode;
  readonly rollout: RolloutOptions;
  readonly files: AppFiles;
  readonly lookup: Lookup;
  readonly policy: HostPolicy;
  /** The fleet's network, and the services that join it. */
  readonly shared: { readonly network: string; readonly services: readonly string[] } | undefined;
};
