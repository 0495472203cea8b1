import type { DesiredStack } from '#domain/desired.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import type { DesiredRoute, Upstream } from '#domain/routes/desired-route.ts';
import type { Variables } from '../compose/load/reading.ts';
import type { ReadProject } from '../compose/stack/stack-input.ts';
import { hashContent } from '../content-hash.ts';
import type { DeliverySpec, StageSpec } from '../documents.ts';
import type { Fleet } from '../load-fleet.ts';
import type { Place } from '../place.ts';
import { toDefaultHost } from './default-host.ts';
import { fillIn } from './fill-in.ts';
import { declareRoutes, listDesired, resolveRoutes } from './resolve-routes.ts';
import { listServicePorts, type ServicePorts } from './service-ports.ts';

export type RoutedStack = {
  readonly app: { readonly name: string; readonly isShorthand: boolean };
  readonly spec: DeliverySpec;
  readonly stage: StageSpec;
  readonly stageName: string | undefined;
  readonly specPlace: Place;
  readonly stagePlace: Place;
  /** Of the shorthand. */
  readonly port: string | undefined;
  readonly fleet: Fleet;
  readonly policy: HostPolicy;
  readonly variables: Variables;
};

export type StackRoutes = {
  readonly routes: readonly DesiredRoute[];
  /** What they mean for containers, by service. */
  readonly ports: ReadonlyMap<string, ServicePorts>;
};

/** What is wrong is told at its place; then the result is not to be used. */
export function resolveStackRoutes(read: ReadProject, own: RoutedStack): StackRoutes {
  const { app, spec, stage, stageName, specPlace, stagePlace, port, fleet } = own;
  const { domain, network } = fleet.desired;
  const ofStage = stageName === undefined ? [] : [{ ...stage, place: stagePlace }];
  const isImplied = app.isShorthand && port !== undefined && domain !== undefined;
  const declared = declareRoutes([{ ...spec, place: specPlace }, ...ofStage], {
    isImplied,
    place: specPlace.at('port'),
  });
  const text = (value: string) => fillIn(value, own.variables);
  const subdomain = stage.subdomain ?? spec.subdomain;
  const hostParts = { domain, pattern: fleet.subdomainPattern, app: app.name, stage: stageName };
  const resolved = resolveRoutes(declared, {
    text,
    defaults: fleet.routes,
    domain,
    defaultHost: () =>
      toDefaultHost({ ...hostParts, subdomain: subdomain === undefined ? undefined : text(subdomain) }),
    policy: own.policy,
    app: { name: app.name, port, project: read.project, inactive: read.inactive, network },
  });
  return { routes: listDesired(resolved), ports: listServicePorts(resolved) };
}

/** Names of the services that routes lead to in this way. */
export function listRouted(routes: readonly DesiredRoute[], reach: 'network' | 'host'): readonly string[] {
  const found = routes
    .flatMap(listUpstreams)
    .flatMap((upstream) => (upstream.kind === 'service' && upstream.reach === reach ? upstream.service : []));
  return [...new Set(found)];
}

function listUpstreams(route: DesiredRoute): readonly Upstream[] {
  if (route.kind === 'http') return [route.upstream, ...route.locations.map(({ upstream }) => upstream)];
  return route.kind === 'stream' ? [route.upstream] : [];
}

/** Where they stand in their file is no change to look at. */
export function withRoutes(stack: DesiredStack, routes: readonly DesiredRoute[]): DesiredStack {
  if (routes.length === 0) return stack;
  const generations = routes.map(({ name, generation }) => [name, generation]);
  return { ...stack, routes, contentHash: hashContent([stack.contentHash, { routes: generations }]) };
}
