// The plan for one proxy: data like the plan of a stack, made for all routes at once, because names and ports
// are shared and writes come one after the other.
import type { Block, Cause, Difference, Wait } from '../plan.ts';
import type { DesiredAccessList, DesiredCertificate } from './desired-route.ts';
import type { HostBody, HostKind, ObservedHostEntry, RouteMarker } from './observed-proxy.ts';

/** Which route it is about; `stack` is '' for those of the fleet. */
export type RouteRef = { readonly stack: string; readonly route: string };

type RouteStepKind =
  | { readonly kind: 'create-host'; readonly body: HostBody; readonly marker: RouteMarker }
  | {
      readonly kind: 'update-host';
      readonly body: HostBody;
      readonly marker: RouteMarker;
      /** As it was seen: written back when nginx refuses the new one, if it was online. */
      readonly before: ObservedHostEntry;
    }
  | { readonly kind: 'disable-host'; readonly host: HostTarget }
  /** By PUT, never by the endpoint for it, which drops access lists (quirk 8). */
  | { readonly kind: 'enable-host'; readonly host: HostTarget }
  | {
      readonly kind: 'delete-host';
      readonly host: HostTarget;
      /** Host names or ports that it has; absent: something declared is to have one of them. */
      readonly entries?: readonly string[];
    }
  | { readonly kind: 'create-access-list'; readonly name: string; readonly list: DesiredAccessList }
  | {
      readonly kind: 'update-access-list';
      readonly id: number;
      readonly name: string;
      readonly list: DesiredAccessList;
    }
  | { readonly kind: 'delete-access-list'; readonly id: number; readonly name: string }
  | {
      readonly kind: 'create-certificate';
      readonly name: string;
      readonly certificate: DesiredCertificate;
      /** An empty row that an earlier try left behind. */
      readonly id?: number;
    }
  | {
      readonly kind: 'request-certificate';
      readonly name: string;
      readonly domains: readonly string[];
      readonly keyType: 'rsa' | 'ecdsa';
    }
  | { readonly kind: 'delete-certificate'; readonly id: number; readonly name: string };

export type HostTarget = {
  readonly kind: HostKind;
  readonly id: number;
  readonly title: string;
  /** Whose it still has to be when the step is run; absent: that does not matter. */
  readonly owner?: string;
};

/** One change, with its cause. Run strictly in order, one at a time. */
export type RouteStep = RouteStepKind & {
  /** Absent for what routes share. */
  readonly ref?: RouteRef;
  readonly cause: Cause;
  /** What must be seen first. A step with it is shown but not run; the next pass looks again. */
  readonly after?: string;
};

export const routeStates = [
  'ready',
  'changing',
  'waiting',
  'conflict',
  'refused',
  'drifted',
  'disabled',
] as const;
export type RouteState = (typeof routeStates)[number];

/** A request through the proxy that nobody but this service answers. */
export type RouteAsk = {
  readonly service: string;
  readonly host: string;
  readonly path: string;
  /** The proxy itself answers plain requests, by sending them to TLS. */
  readonly isTls: boolean;
  /** It has passed a check of its own: then it has no reason to keep anybody waiting. */
  readonly isProven: boolean;
};

export type RouteReport = RouteRef & {
  readonly kind: 'http' | 'stream' | 'redirect' | 'not-found';
  /** Host names, or `tcp/1883`. */
  readonly entries: readonly string[];
  /** `http://web-app-1:3000`, or what else it does. */
  readonly leadsTo: string;
  readonly state: RouteState;
  /** '' when ready. */
  readonly message: string;
  /** Of the proxy. */
  readonly id?: number;
  /** Name of the certificate in use; absent: none. */
  readonly certificate?: string;
  readonly certificateExpiresAtMs?: number;
  /**
   * Services whose container the proxy resolves only when it is written to: it has to be written when one of
   * them gets another container, before the old one may go.
   */
  readonly follows: readonly string[];
  /** How to see that it leads to them. */
  readonly asks: readonly RouteAsk[];
  /** What it was last written for, of `toTargetMark`. */
  readonly target?: string;
};

export type RoutePlan = {
  readonly steps: readonly RouteStep[];
  /** Lanes are `route:<stack>/<route>`. */
  readonly waits: readonly (Omit<Wait, 'reason'> & { readonly reason: RouteWaitReason })[];
  readonly blocks: readonly (Omit<Block, 'reason'> & { readonly reason: RouteBlockReason })[];
  readonly differences: readonly Difference[];
  /** In the order of stacks and routes. */
  readonly reports: readonly RouteReport[];
};

export type RouteWaitReason = 'TargetNotReady' | 'StackSuspended' | 'ProxyUnreachable' | 'CertificatePending';
export type RouteBlockReason =
  | 'Conflict'
  | 'Adoptable'
  | 'Refused'
  | 'PortTaken'
  | 'AccessListMissing'
  | 'CertificateMissing'
  | 'Unsupported'
  | 'PruneNeedsApproval'
  | 'Drifted';
