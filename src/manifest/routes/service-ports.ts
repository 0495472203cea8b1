// What routes mean for the containers of the services that they lead to.
import type { AllottedPort } from '#domain/container-spec.ts';
import type { DesiredRoute, Upstream } from '#domain/routes/desired-route.ts';
import type { ResolvedRoute } from './resolve-routes.ts';

export type ServicePorts = {
  readonly environment: Readonly<Record<string, string>>;
  /** In name order. */
  readonly allotted: readonly AllottedPort[];
};

type ServiceUpstream = Extract<Upstream, { kind: 'service' }>;
type Use = {
  readonly upstream: ServiceUpstream;
  readonly protocols: AllottedPort['protocols'];
  /** As declared. */
  readonly name: string | undefined;
};

/**
 * By service. A named route tells the container the port that it is to listen on: `$PORT_<NAME>`, and `$PORT` for
 * the service's first one. One without a name tells nothing, so that a route alone replaces no container, unless
 * the container cannot know its port otherwise.
 */
export function listServicePorts(routes: readonly ResolvedRoute[]): ReadonlyMap<string, ServicePorts> {
  const uses = routes.flatMap(listUses);
  const services = new Set(uses.map(({ upstream }) => upstream.service));
  return new Map(
    [...services].map((service) => [
      service,
      toServicePorts(uses.filter(({ upstream }) => upstream.service === service)),
    ]),
  );
}

function toServicePorts(uses: readonly Use[]): ServicePorts {
  const environment: Record<string, string> = {};
  const allotted = new Map<string, AllottedPort>();
  const told = new Set<string>();
  for (const { upstream, protocols, name } of uses) {
    const { port, portName } = upstream;
    const own = name === undefined ? [] : [`PORT_${toVariableName(name)}`];
    const wanted = name === undefined && port !== 0 ? [] : ['PORT', ...own];
    const variables = wanted.filter((variable) => !told.has(variable));
    for (const variable of variables) told.add(variable);
    if (port !== 0) for (const variable of variables) environment[variable] = String(port);
    if (portName === undefined) continue;
    const known = allotted.get(portName);
    allotted.set(portName, {
      name: portName,
      ...(port !== 0 && { containerPort: port }),
      protocols: [...new Set([...(known?.protocols ?? []), ...protocols])].toSorted(),
      variables: port === 0 ? [...(known?.variables ?? []), ...variables] : [],
    });
  }
  return { environment, allotted: [...allotted.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

function listUses({ desired, name }: ResolvedRoute): readonly Use[] {
  const protocols = listProtocols(desired);
  const own = 'upstream' in desired ? [desired.upstream] : [];
  const ofLocations = desired.kind === 'http' ? desired.locations.map(({ upstream }) => upstream) : [];
  return [
    ...own.map((upstream) => ({ upstream, protocols, name })),
    ...ofLocations.map((upstream) => ({ upstream, protocols, name: undefined })),
  ].flatMap(({ upstream, ...rest }) => (upstream.kind === 'service' ? [{ upstream, ...rest }] : []));
}

function listProtocols(route: DesiredRoute): AllottedPort['protocols'] {
  if (route.kind !== 'stream') return ['tcp'];
  return route.protocol === 'both' ? ['tcp', 'udp'] : [route.protocol];
}

function toVariableName(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}
