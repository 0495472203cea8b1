// app.yaml and fleet.yaml as written, after their schemas have accepted them.
import type { DriftMode } from '#domain/desired.ts';
import type { Scalar } from './text/format-scalar.ts';

export type Variables = Readonly<Record<string, Scalar>>;

/** A mode alone, or with the paths of differences that are to be left alone. */
export type DriftDocument = DriftMode | { readonly mode?: DriftMode; readonly ignore?: readonly string[] };

export type RolloutDocument = {
  readonly strategy?: 'auto' | 'blue-green' | 'recreate';
  readonly minReady?: string;
  readonly deadline?: string;
  readonly drain?: string;
  readonly rollbackWindow?: string;
};

export type HealthTimes = { readonly interval?: string; readonly timeout?: string };
type Port = number | string;

/** Exactly one of the checks is given; that is checked where it is read. */
export type HealthDocument = HealthTimes & {
  readonly deadline?: string;
  readonly docker?: object | null;
  readonly http?: {
    readonly path?: string;
    readonly port?: Port;
    readonly scheme?: 'http' | 'https';
    readonly status?: number | string | readonly (number | string)[];
    readonly headers?: Readonly<Record<string, string>>;
    readonly followRedirects?: boolean;
  };
  readonly tcp?: { readonly port?: Port };
  readonly exec?: { readonly command: string | readonly string[] };
  readonly mqtt?: {
    readonly topic: string;
    readonly port?: Port;
    readonly username?: string;
    readonly password?: string;
  };
};

export type HookDocument = {
  readonly command: string | readonly string[];
  readonly service?: string;
  readonly image?: string;
  readonly env?: Variables;
  readonly deadline?: string;
};

export type FleetDocument = {
  readonly apiVersion: 'shorefast/v1';
  readonly kind: 'Fleet';
  readonly metadata?: { readonly name?: string };
  readonly spec?: FleetSpec | null;
};

export type FleetSpec = {
  readonly network?: string;
  readonly allowEmpty?: boolean;
  readonly variables?: Variables;
  readonly defaults?: {
    readonly drift?: DriftDocument;
    readonly rollout?: RolloutDocument;
    readonly health?: HealthTimes;
  };
};

export type AppDocument = {
  readonly apiVersion: 'shorefast/v1';
  readonly kind: 'App';
  readonly metadata?: { readonly name?: string };
  readonly spec?: AppSpec | null;
};

/** Beside how it is delivered: attributes of a service, or a Compose project. */
export type AppSpec = DeliverySpec & Readonly<Record<string, unknown>>;

export type DeliverySpec = {
  readonly active?: boolean;
  readonly drift?: DriftDocument;
  readonly adopt?: boolean;
  readonly variables?: Variables;
  readonly rollout?: RolloutDocument;
  /** One with the shorthand, else by service. */
  readonly health?: HealthDocument | Readonly<Record<string, HealthDocument>>;
  readonly hooks?: { readonly preDeploy?: HookDocument; readonly postDeploy?: HookDocument };
  readonly dependsOn?: readonly string[];
  readonly stages?: Readonly<Record<string, StageSpec | null>>;
  readonly profiles?: readonly string[];
  readonly tag?: string;
  readonly port?: number | string;
  /** Of the shorthand. */
  readonly image?: string;
};

export type StageSpec = {
  readonly tag?: string;
  readonly active?: boolean;
  readonly adopt?: boolean;
  readonly drift?: DriftDocument;
  readonly variables?: Variables;
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, unknown>> | readonly string[];
};
