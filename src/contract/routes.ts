import type { RouteState } from '#domain/routes/route-plan.ts';

/** GET /api/v1/routes */
export type RouteListView = {
  readonly proxy: ProxyView;
  readonly routes: readonly RouteView[];
  /** Removals and other changes that wait for somebody. */
  readonly blocked: readonly string[];
};

export type ProxyView = {
  /** False: none is set, so routes are declared and wait. */
  readonly configured: boolean;
  readonly url?: string;
  readonly reachable: boolean;
  /** Why not; absent when it is. */
  readonly message?: string;
};

export type RouteView = {
  /** Absent for a route of the fleet. */
  readonly stack?: string;
  readonly name: string;
  readonly kind: 'http' | 'stream' | 'redirect' | 'not-found';
  /** Host names, or `tcp/1883`. */
  readonly entries: readonly string[];
  readonly leadsTo: string;
  readonly state: RouteState;
  /** '' when ready. */
  readonly message: string;
  /** Of the proxy's object. */
  readonly id?: number;
  readonly certificate?: string;
  readonly certificateExpires?: string;
};
