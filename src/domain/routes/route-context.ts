import type { DriftMode } from '../desired.ts';
import type { DesiredRoute } from './desired-route.ts';
import type { RouteTarget, RouteTargets } from './route-targets.ts';

/** Everything that a plan for the routes depends on beside desired and observed state. */
export type RouteContext = {
  readonly owner: string;
  readonly nowMs: number;
  readonly targets: RouteTargets;
  /** Address of the Docker host as the proxy sees it; absent: no route can have `reach: host`. */
  readonly hostAddress?: string;
  /** Ports that no stream may listen on, beside those that the proxy always needs. */
  readonly reservedPorts: readonly number[];
  /** Ports of the proxy's own host that are held by others. */
  readonly portsInUse: readonly PortInUse[];
  /** What nginx refused in this run. */
  readonly refusals: readonly Refusal[];
  /** Somebody has asked: what was refused before is tried once more. */
  readonly areRefusalsLifted?: boolean;
  readonly prune: {
    readonly enabled: boolean;
    readonly maxRemovals: number;
    readonly maxPercent: number;
    /** Of objects, as `toObjectId` makes them. */
    readonly approvedIds: ReadonlySet<string>;
  };
};

export type PortInUse = {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly holder: string;
};

export type Refusal = {
  /** `<stack>/<route>` */
  readonly route: string;
  /** Of `toAttempt`. */
  readonly attempt: string;
  readonly message: string;
  /** It is time to try it once more. */
  readonly isDue: boolean;
};

/** One route of all that are declared, with what its stack says of it. */
export type DeclaredRoute = {
  /** '' for the fleet. */
  readonly stack: string;
  readonly route: DesiredRoute;
  readonly drift: DriftMode;
  readonly driftIgnore: readonly string[];
  /** Nothing of it is to be changed at present. */
  readonly isSuspended?: boolean;
  /** Name of the container that holds a service's name, or will hold it. */
  readonly containerNames: Readonly<Record<string, string>>;
};

export function toRouteKey({ stack, route }: Pick<DeclaredRoute, 'stack' | 'route'>): string {
  return `${stack}/${route.name}`;
}

export function findTarget(targets: RouteTargets, stack: string, service: string): RouteTarget | undefined {
  return targets.find((target) => target.stack === stack && target.service === service);
}
