import { EngineError } from '#ports/engine.ts';

// The engine's answers, only as far as we read them. What the engine may leave out is optional or null here.

type Labels = Readonly<Record<string, string>> | null;

export type ContainerRow = {
  readonly Id: string;
  readonly Names?: readonly string[] | null;
  readonly ImageID?: string;
  readonly Labels?: Labels;
  readonly State?: string;
  /** `Up 3 minutes (healthy)`, `Exited (137) 2 hours ago` */
  readonly Status?: string;
  /** Newer engines say it here too. */
  readonly Health?: { readonly Status?: string } | null;
  readonly HostConfig?: { readonly NetworkMode?: string };
  readonly NetworkSettings?: {
    readonly Networks?: Readonly<Record<string, { NetworkID?: string } | null>> | null;
  };
  readonly Ports?: readonly { IP?: string; PublicPort?: number; Type?: string }[] | null;
  readonly Mounts?: readonly { Type?: string; Name?: string }[] | null;
};

export type NetworkRow = {
  readonly Id: string;
  readonly Name: string;
  readonly Driver?: string;
  readonly Internal?: boolean;
  readonly Attachable?: boolean;
  readonly EnableIPv6?: boolean;
  readonly Options?: Labels;
  readonly Labels?: Labels;
  readonly IPAM?: { readonly Config?: readonly { Subnet?: string }[] | null } | null;
};

export type VolumeRow = {
  readonly Name: string;
  readonly Driver?: string;
  readonly Options?: Labels;
  readonly Labels?: Labels;
};

export type ImageRow = {
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
};

export type ContainerAnswer = {
  readonly Id?: string;
  readonly Image?: string;
  readonly Config?: { readonly Labels?: Labels; readonly StopTimeout?: number | null };
  readonly HostConfig?: {
    readonly RestartPolicy?: { readonly Name?: string; readonly MaximumRetryCount?: number };
  };
  readonly RestartCount?: number;
  readonly State?: {
    readonly StartedAt?: string;
    readonly OOMKilled?: boolean;
    readonly Error?: string;
    readonly Health?: { readonly Log?: readonly { Output?: string }[] | null } | null;
  };
};

/**
 * The rows of a list. Anything that is not a list of such rows is a failure: taken for an empty list, it
 * would mean that nothing exists.
 */
export function parseRows<T>(what: string, value: unknown, key: keyof T & string): readonly T[] {
  const rows: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
  if (rows?.every((row) => isRecord(row) && typeof row[key] === 'string')) return rows as readonly T[];
  throw new EngineError('ENGINE_FAILED', `the engine's list of ${what} is not a list of ${what}`);
}

/** An answer that must be one object. */
export function parseRecord<T>(what: string, value: unknown): T {
  if (isRecord(value)) return value as T;
  throw new EngineError('ENGINE_FAILED', `the engine's answer about ${what} is not an object`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
