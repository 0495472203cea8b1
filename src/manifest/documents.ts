// app.yaml and fleet.yaml as written, after their schemas have accepted them.
import type { DriftMode } from '#domain/desired.ts';
import type { Pairs, RawNetwork, RawService, RawVolume } from './compose/compose-document.ts';
import type { Scalar } from './text/format-scalar.ts';

export type Variables = Readonly<Record<string, Scalar>>;

export type RolloutDocument = {
  readonly strategy?: 'auto' | 'blue-green' | 'recreate';
  readonly minReady?: string;
  readonly deadline?: string;
  readonly drain?: string;
  readonly rollbackWindow?: string;
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
  readonly defaults?: { readonly drift?: DriftMode; readonly rollout?: RolloutDocument };
};

export type AppDocument = {
  readonly apiVersion: 'shorefast/v1';
  readonly kind: 'App';
  readonly metadata?: { readonly name?: string };
  readonly spec?: AppSpec | null;
};

export type AppSpec = DeliverySpec & (Partial<RawService> | InlineCompose);

export type DeliverySpec = {
  readonly drift?: DriftMode;
  readonly adopt?: boolean;
  readonly variables?: Variables;
  readonly rollout?: RolloutDocument;
  readonly stages?: Readonly<Record<string, StageSpec | null>>;
  readonly profiles?: readonly string[];
  readonly tag?: string;
  readonly port?: number | string;
};

type InlineCompose = {
  readonly services: Readonly<Record<string, RawService>>;
  readonly volumes?: Readonly<Record<string, RawVolume | null>> | null;
  readonly networks?: Readonly<Record<string, RawNetwork | null>> | null;
};

export type StageSpec = {
  readonly tag?: string;
  readonly active?: boolean;
  readonly adopt?: boolean;
  readonly drift?: DriftMode;
  readonly variables?: Variables;
  readonly profiles?: readonly string[];
  readonly environment?: Pairs;
};
