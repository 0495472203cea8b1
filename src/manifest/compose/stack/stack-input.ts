import type { DriftMode } from '#domain/desired.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import type { Place } from '../../place.ts';
import type { RolloutOptions } from '../../resolve-rollout.ts';
import type { ServicePorts } from '../../routes/service-ports.ts';
import type { ComposeProject } from '../project/compose-project.ts';
import type { DeliverContents } from './deliver-contents.ts';

/** A project as the reader hands it on: in its canonical form, with the chosen services only. */
export type ReadProject = {
  readonly project: ComposeProject;
  /** Values of configs and secrets that come from variables, by `configs.<key>` and `secrets.<key>`. */
  readonly values: ReadonlyMap<string, string>;
  /** Services that are left out, with their profiles, none of which is chosen. */
  readonly inactive: ReadonlyMap<string, readonly string[]>;
  /** The top of the project's file. */
  readonly place: Place;
};

/** What a stack is made with, beside its project. */
export type StackInput = {
  readonly app: string;
  readonly stage: string | undefined;
  readonly drift: DriftMode;
  readonly rollout: RolloutOptions;
  readonly policy: HostPolicy;
  /** The fleet's network, and the services that join it. */
  readonly shared: { readonly network: string; readonly services: readonly string[] } | undefined;
  /** What the routes that lead to them mean for services. */
  readonly ports?: ReadonlyMap<string, ServicePorts>;
  readonly deliver: DeliverContents;
};
