// Observed state: what the engine says, translated at the door. The planner never sees an engine's answer.
import type { ContainerSpec, Healthcheck } from './container-spec.ts';
import type { Difference } from './plan.ts';

export type ObservedHost = {
  readonly containers: readonly ObservedContainer[];
  readonly networks: readonly ObservedNetwork[];
  readonly volumes: readonly ObservedVolume[];
  readonly images: readonly ObservedImage[];
};

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** Everything here is known from one list call; what needs an inspect stands in `details`. */
export type ObservedContainer = {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The id of the image it was created from (`sha256:…`). */
  readonly imageId: string;
  readonly state: ContainerState;
  readonly exitCode?: number;
  /** Absent without a health check. */
  readonly health?: 'starting' | 'healthy' | 'unhealthy';
  /** `host`, `none`, `default`, a network's name, `container:<id>`. */
  readonly networkMode: string;
  readonly networks: readonly ObservedAttachment[];
  /** Host ports held at this moment: only a running container holds any. */
  readonly publishedPorts: readonly PublishedPort[];
  /** Names of the volumes it mounts. */
  readonly volumeNames: readonly string[];
  /** Only for containers that carry our labels. Absent while the inspect has not been made. */
  readonly details?: ContainerDetails;
  /** Set by the planner alone, on what Docker Compose started and a stack takes over: see see-adopted.ts. */
  readonly adoption?: Adoption;
};

export type Adoption = {
  /** Between it and its declaration; undefined while the inspect has not been made. */
  readonly differences: readonly Difference[] | undefined;
};

export type ObservedAttachment = { readonly network: string; readonly networkId: string };

export type PublishedPort = {
  readonly hostIp: string;
  readonly hostPort: number;
  readonly protocol: string;
};

/** What only an inspect tells. */
export type ContainerDetails = {
  /** 0 when it never started. */
  readonly startedAtMs: number;
  /** When it last ended; 0 when it never did, or runs. */
  readonly finishedAtMs: number;
  /** Restarts by policy since the last start by hand: the sign of a crash loop. */
  readonly restartCount: number;
  readonly restartPolicy: { readonly name: string; readonly maxRetries: number };
  readonly oomKilled: boolean;
  /** Of its run before this one; absent when that was before the daemon's start. */
  readonly lastEnd?: LastEnd;
  /** Why the engine could not start it; '' when it could. */
  readonly error: string;
  /** Output of the last health probe, or ''. */
  readonly healthOutput: string;
  /** Where it can be reached while it runs. */
  readonly addresses?: readonly { readonly network: string; readonly address: string }[];
  /** What it is, as if somebody had declared it; what came from the image included. */
  readonly spec?: ContainerSpec;
  /** Absent when the image is gone. */
  readonly image?: ImageDefaults;
};

export type LastEnd = { readonly exitCode: number; readonly outOfMemory: boolean };

/** What a container gets from its image where its declaration says nothing. */
export type ImageDefaults = {
  readonly environment: ContainerSpec['environment'];
  readonly labels: ContainerSpec['labels'];
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly stopSignal: string;
  readonly healthcheck?: Healthcheck;
  /** `80/tcp` */
  readonly expose: readonly string[];
  /** Paths at which every container gets an anonymous volume. */
  readonly volumes: readonly string[];
};

export type ObservedNetwork = {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly enableIpv6: boolean;
  /** Undefined where the engine does not tell. */
  readonly enableIpv4?: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly ipamDriver: string;
  readonly pools: readonly ObservedPool[];
  readonly labels: Readonly<Record<string, string>>;
};

export type ObservedPool = {
  readonly subnet: string;
  readonly gateway: string;
  readonly ipRange: string;
  readonly auxAddresses: Readonly<Record<string, string>>;
};

export type ObservedVolume = {
  readonly name: string;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
};

export type ObservedImage = {
  readonly id: string;
  /** `nginx:1.27` */
  readonly tags: readonly string[];
  /** `nginx@sha256:…` */
  readonly digests: readonly string[];
};
