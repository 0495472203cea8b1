// A plan is data: what is to be called, in which order, and why. The same list serves the dry run, the
// executor, the API and the tests. Deciding is done in the plan-*.ts files; running it in `reconcile`.
import type { BuildSpec } from './build-spec.ts';
import type { ContainerSpec, Limits, NetworkAttachment, Resources, RestartPolicy } from './container-spec.ts';
import type { FileBatch } from './delivered-file.ts';
import type { DesiredNetwork, DesiredVolume } from './desired.ts';
import type { DifferenceField } from './difference-field.ts';
import type { HookKind } from './hook.ts';
import type { ProbeRequest } from './probe.ts';
import type { Hold } from './rollout.ts';

/** Why a step is there. `path`, `wanted` and `found` are given when one field is the reason. */
export type Cause = {
  readonly reason:
    | 'Missing'
    | 'SpecChanged'
    | 'ImageChanged'
    | 'Drifted'
    | 'Unfinished'
    | 'PullPolicy'
    | 'NotDeclared'
    | 'Superseded'
    | 'Held'
    | 'Inactive'
    | 'Requested';
  readonly message: string;
  readonly path?: string;
  readonly wanted?: string;
  readonly found?: string;
  /** `start-first`, or `stop-first: it publishes host port 80/tcp`. */
  readonly order?: string;
};

/** One of the engine's containers: by id where one exists already, by name when an earlier step makes it. */
export type ContainerTarget = { readonly id?: string; readonly name: string };

/** What stands for other containers, in the engine's form: `service:x` and `container:x` are `container:<id>`. */
export type References = {
  /** '' while it is not known. */
  readonly networkMode: string;
  readonly pid?: string;
  readonly ipc?: string;
  readonly volumesFrom: readonly string[];
};

/** A container as it is to be created; the adapter turns it into a request. */
export type ContainerToCreate = {
  readonly name: string;
  readonly spec: ContainerSpec;
  /** Created by id, never by tag: a tag may move between the decision and the call. */
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Attachments to give at create, the primary one first, with all their aliases. */
  readonly attachments: readonly Endpoint[];
  /** The engine's form of the network mode, with `service:x` already resolved to `container:<id>`. */
  readonly networkMode: string;
  /** What else is shared with other containers, in the same form. */
  readonly shared?: Omit<References, 'networkMode'>;
  /** `container:alias` */
  readonly links?: readonly string[];
};

/** A container's end in a network; links are told to each of them. */
export type Endpoint = NetworkAttachment & { readonly links?: readonly string[] };

type StepKind =
  | { readonly kind: 'create-network'; readonly network: DesiredNetwork; readonly labels: Labels }
  | { readonly kind: 'remove-network'; readonly id: string; readonly name: string }
  | { readonly kind: 'create-volume'; readonly volume: DesiredVolume; readonly labels: Labels }
  | { readonly kind: 'pull-image'; readonly image: string; readonly platform?: string }
  | { readonly kind: 'build-image'; readonly image: string; readonly build: BuildSpec }
  | { readonly kind: 'create-container'; readonly container: ContainerToCreate }
  | {
      readonly kind: 'copy-files';
      readonly target: ContainerTarget;
      readonly batches: readonly FileBatch[];
    }
  | { readonly kind: 'start-container'; readonly target: ContainerTarget }
  | { readonly kind: 'stop-container'; readonly target: ContainerTarget; readonly graceSeconds?: number }
  | { readonly kind: 'unpause-container'; readonly target: ContainerTarget }
  | { readonly kind: 'rename-container'; readonly target: ContainerTarget; readonly newName: string }
  | { readonly kind: 'remove-container'; readonly target: ContainerTarget }
  | {
      readonly kind: 'set-restart-policy';
      readonly target: ContainerTarget;
      readonly policy: RestartPolicy;
    }
  | {
      readonly kind: 'connect-network';
      readonly target: ContainerTarget;
      readonly attachment: Endpoint;
    }
  | {
      readonly kind: 'disconnect-network';
      readonly target: ContainerTarget;
      readonly network: string;
    }
  | {
      readonly kind: 'update-resources';
      readonly target: ContainerTarget;
      readonly resources: Resources;
      /** What else is declared and can be changed in place. */
      readonly limits: UpdatableLimits;
      /** An engine may forget a policy that is not said again. */
      readonly policy: RestartPolicy;
    };

/** Limits that an engine changes while a container runs; of block I/O the weight alone. */
export type UpdatableLimits = Pick<
  Limits,
  | 'memorySwapBytes'
  | 'cpuShares'
  | 'cpuset'
  | 'cpuPeriodMicroseconds'
  | 'cpuQuotaMicroseconds'
  | 'cpuRealtimePeriodMicroseconds'
  | 'cpuRealtimeRuntimeMicroseconds'
> & { readonly blockIoWeight?: number };

type Labels = Readonly<Record<string, string>>;

/** One external call, with its cause. */
export type Step = StepKind & {
  /** Steps of one lane run in their order; lanes run beside each other. `service:web/1`, `network:x` … */
  readonly lane: string;
  readonly cause: Cause;
  /** What must be seen first. A step with it is shown but not run; the next pass looks again. */
  readonly after?: string;
};

/**
 * What was found out, and has to be noted before anything is done about it: the next look builds upon it.
 * `container` is the one that showed it.
 */
export type Finding =
  | {
      readonly kind: 'failed';
      readonly container: ContainerTarget & { readonly id: string };
      readonly hold: Hold;
      /** The engine would not start it, so it never ran. */
      readonly wasRefused: boolean;
    }
  | {
      readonly kind: 'equal';
      readonly container: ContainerTarget & { readonly id: string };
      /** It is as good as a container of this one. */
      readonly generation: string;
      /** Limits by which it seems to differ all the same, as the engine has them. */
      readonly limits: readonly string[];
      /** Paths that we took for different and the engine does not: a fault of our comparison, worth a warning. */
      readonly mistaken: readonly string[];
    }
  | {
      readonly kind: 'hook-done';
      readonly container: ContainerTarget & { readonly id: string };
      readonly hook: HookKind;
      readonly version: string;
    }
  | {
      readonly kind: 'hook-failed';
      readonly container: ContainerTarget & { readonly id: string };
      readonly hook: HookKind;
      readonly generation: string;
      readonly message: string;
    };

/** Something that must come about by itself before the plan can go on. */
export type Wait = {
  readonly lane: string;
  readonly reason:
    | 'Starting'
    | 'DependencyNotReady'
    | 'Obstructed'
    | 'Pulling'
    | 'NotInspected'
    | 'Draining'
    | 'HookRunning'
    | 'AppNotReady';
  readonly message: string;
  /** When looking again is worth while even without an event. */
  readonly lookAgainAtMs: number;
};

/** Something that only a human, or a new revision, can resolve. */
export type Block = {
  readonly lane: string;
  readonly reason:
    | 'Conflict'
    | 'MissingExternal'
    | 'ImmutableDifference'
    | 'PruneNeedsApproval'
    | 'MassChange'
    | 'RolledBack'
    | 'Stopped'
    | 'Suspended'
    | 'UndeliverableFile'
    | 'Unsupported'
    | 'StartFailed'
    | 'Held'
    | 'JobFailed'
    | 'HookFailed'
    | 'ImageMissing'
    | 'Adoptable';
  readonly message: string;
  /** What would unblock it. */
  readonly unblock: string;
};

/** One field in which the observed state differs from the desired one: `path: wanted → found`. */
export type Difference = {
  /** `container clock-web-1`, `network clock_default` … */
  readonly object: string;
  readonly service?: string;
  readonly kind: 'missing' | 'changed' | 'extra';
  readonly field: DifferenceField;
  readonly path: string;
  readonly wanted: string;
  readonly found: string;
  /** True when Git did not ask for it: someone, or something, changed the host. */
  readonly drift: boolean;
};

export type Plan = {
  readonly stack: string;
  readonly findings: readonly Finding[];
  readonly steps: readonly Step[];
  readonly waits: readonly Wait[];
  readonly blocks: readonly Block[];
  readonly differences: readonly Difference[];
  /** What containers have to be asked before they count as ready. */
  readonly probes: readonly ProbeRequest[];
  /** When something that is in order now will be due by itself: a kept container that may go. */
  readonly dueAtMs?: number;
};

/** An empty plan means in sync, and nothing else does. */
export function isEmpty(plan: Plan): boolean {
  const { findings, steps, waits, blocks, differences } = plan;
  return [findings, steps, waits, blocks, differences].every((list) => list.length === 0);
}

/** The steps that may run now: those whose predecessors have been seen done. */
export function runnableSteps(plan: Plan): readonly Step[] {
  return plan.steps.filter((step) => step.after === undefined);
}
