// Desired state: what Git says, validated and resolved. Made by `manifest`, read by everything.
import type { BuildSpec } from './build-spec.ts';
import type { ContainerSpec } from './container-spec.ts';
import type { HookKind } from './hook.ts';
import type { Probe } from './probe.ts';
import type { Problem } from './problem.ts';
import type { Rollout } from './rollout.ts';

export type DesiredState = {
  readonly fleet: DesiredFleet;
  /** In name order. Apps that are invalid appear here too, without stacks: see `problems`. */
  readonly apps: readonly DesiredApp[];
};

export type DesiredFleet = {
  readonly domain?: string;
  /** The network that routed services share with the proxy. */
  readonly network?: string;
  /** Only with this may a repo without any app mean that everything is to be removed. */
  readonly allowEmpty: boolean;
};

/** `heal` undoes drift, `warn` only reports it, `off` does not look. */
export type DriftMode = 'heal' | 'warn' | 'off';

export type DesiredApp = {
  readonly name: string;
  /** Directory inside the state repo. */
  readonly directory: string;
  /** One per stage, in name order. Empty when there are errors in `problems`. */
  readonly stacks: readonly DesiredStack[];
  readonly problems: readonly Problem[];
  readonly dependsOn?: readonly AppDependency[];
};

export type AppDependency = {
  readonly app: string;
  /** Where it is written, for what may turn out to be wrong with it. */
  readonly declaredAt: Pick<Problem, 'file' | 'line' | 'column' | 'excerpt' | 'path'>;
};

export type DesiredStack = {
  /** `<app>` or `<app>-<stage>`; also the Compose project name. */
  readonly name: string;
  readonly app: string;
  readonly stage?: string;
  readonly drift: DriftMode;
  /** False: declared, and to run nothing. Its containers and networks go, its volumes stay. */
  readonly active?: boolean;
  /** Paths of differences that are nobody's concern (`environment.*`); never of what Git asks for. */
  readonly driftIgnore?: readonly string[];
  /** Take over what Docker Compose started as a project of this name. */
  readonly adopt?: boolean;
  /** Where in the state repo it is written, for Compose's labels. */
  readonly declaredIn?: {
    readonly directory: string;
    readonly file: string;
    /** Of a project on a disk, where they were named. */
    readonly environmentFile?: string;
  };
  readonly networks: readonly DesiredNetwork[];
  readonly volumes: readonly DesiredVolume[];
  /** Every service after those it depends on; ties in name order. */
  readonly services: readonly DesiredService[];
  readonly hooks?: readonly DesiredHook[];
  /** Names of apps that have to be ready before anything of this stack is made or replaced. */
  readonly dependsOnApps?: readonly string[];
  /** Equal hashes mean an equal stack, byte for byte. */
  readonly contentHash: string;
};

export type DesiredNetwork = {
  /** The Compose key (`default`). */
  readonly key: string;
  /** The engine's name (`clock_default`). */
  readonly name: string;
  /** Not ours to create or remove: it must exist. */
  readonly external: boolean;
  readonly driver?: string;
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly enableIpv6: boolean;
  /** Absent: the engine's default, which is true. */
  readonly enableIpv4?: boolean;
  readonly ipam?: DesiredIpam;
  readonly labels: Readonly<Record<string, string>>;
  /** Belongs to the fleet, not to one stack: created by whoever needs it first, never pruned. */
  readonly shared: boolean;
};

export type DesiredIpam = {
  readonly driver?: string;
  readonly pools: readonly {
    readonly subnet?: string;
    readonly gateway?: string;
    readonly ipRange?: string;
    /** Addresses that the driver must not give away, by a name for their use. */
    readonly auxAddresses?: Readonly<Record<string, string>>;
  }[];
};

export type DesiredVolume = {
  readonly key: string;
  readonly name: string;
  readonly external: boolean;
  readonly driver?: string;
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
};

export type PullPolicy = 'missing' | 'always' | 'never';

export type DesiredService = {
  readonly name: string;
  /** Names of the replicas' containers, replica 1 first; as many as there are replicas. */
  readonly containerNames: readonly string[];
  readonly spec: ContainerSpec;
  /** The very image to make it of, whatever its tag means by now: what a rollback goes back to. */
  readonly pinned?: { readonly imageId: string; readonly digest?: string };
  /** Where the image comes from; absent: from a registry. */
  readonly build?: BuildSpec;
  readonly pullPolicy: PullPolicy;
  readonly dependsOn: readonly Dependency[];
  /**
   * Runs to completion: exit code 0 is the goal, not a fault. True for a service that another one awaits
   * with `service_completed_successfully`, and for one that says `restart: "no"` itself.
   */
  readonly isJob: boolean;
  /** Without a health check, a container counts as ready when it has run this long. */
  readonly minReadyMs: number;
  /** How long a start may take until it counts as failed. */
  readonly readyDeadlineMs: number;
  readonly rollout: Rollout;
  /** The check that a container has to pass before it counts as ready; absent: Docker's own, if it has one. */
  readonly probe?: Probe;
  /** 12 hex digits of the spec hash: the same generation means the same declared container. */
  readonly generation: string;
  /** `v1:<64 hex>`: the algorithm's version and the hash of the spec. */
  readonly specHash: string;
  /** The hash of the spec without what the engine changes in place. */
  readonly coreHash: string;
  /** The hash of what is delivered; absent: nothing is. */
  readonly filesHash?: string;
};

export type DesiredHook = {
  readonly kind: HookKind;
  /** The service whose place it takes in the stack: it waits for what that one waits for. */
  readonly service: string;
  /**
   * What runs, as a job of one replica that no service can be called after (`hook:pre-deploy`). Its generation is that
   * of everything the hook is run for; `readyDeadlineMs` is its deadline.
   */
  readonly run: DesiredService;
};

export type Dependency = {
  readonly service: string;
  readonly condition: 'started' | 'healthy' | 'completed';
  /** False: wait for it only if it is part of the stack. */
  readonly required: boolean;
  /** Compose's `restart: true`; kept for its label. */
  readonly restart: boolean;
};
