import type { HttpRoute, StreamRoute } from '#domain/routes/desired-route.ts';
import type { DeclaredRoute, RouteContext } from '#domain/routes/route-context.ts';
import type { RouteTarget } from '#domain/routes/route-targets.ts';

/** A route of the stack `web`, as plain as can be. */
export function httpRoute(hosts: readonly string[], other: Partial<HttpRoute> = {}): HttpRoute {
  return {
    kind: 'http',
    name: hosts[0] ?? '',
    enabled: true,
    adopt: false,
    generation: 'aaaaaaaaaaaa',
    hosts,
    certificate: { kind: 'none' },
    forceSsl: false,
    http2: false,
    hsts: 'off',
    advanced: '',
    scheme: 'http',
    upstream: { kind: 'service', service: 'app', port: 3000, reach: 'network' },
    locations: [],
    websockets: true,
    blockExploits: false,
    cacheAssets: false,
    trustForwardedProto: false,
    ...other,
  };
}

export function streamRoute(listen: number, other: Partial<StreamRoute> = {}): StreamRoute {
  return {
    kind: 'stream',
    name: `tcp-${listen}`,
    enabled: true,
    adopt: false,
    generation: 'aaaaaaaaaaaa',
    listen,
    protocol: 'tcp',
    upstream: { kind: 'service', service: 'app', port: 1883, reach: 'network' },
    certificate: { kind: 'none' },
    ...other,
  };
}

export function declare(route: DeclaredRoute['route'], other: Partial<DeclaredRoute> = {}): DeclaredRoute {
  const containerNames = { app: 'web-app-1' };
  return { stack: 'web', route, drift: 'heal', driftIgnore: [], containerNames, ...other };
}

export function target(other: Partial<RouteTarget> = {}): RouteTarget {
  return {
    stack: 'web',
    service: 'app',
    containerId: 'a'.repeat(64),
    containerName: 'web-app-1',
    address: '10.0.0.2',
    isReady: true,
    isProven: false,
    hostPorts: {},
    ...other,
  };
}

export function routeContext(other: Partial<RouteContext> = {}): RouteContext {
  return {
    owner: 'me',
    nowMs: 1_000_000,
    targets: [target()],
    reservedPorts: [],
    portsInUse: [],
    refusals: [],
    prune: { enabled: true, maxRemovals: 3, maxPercent: 30, approvedIds: new Set() },
    ...other,
  };
}
