import type { Upstream } from '#domain/routes/desired-route.ts';
import { isLoopback } from '#domain/routes/loopback.ts';
import type { ComposeService } from '../compose/project/compose-project.ts';
import { InvalidValue, type Place } from '../place.ts';
import { findNearestName } from '../schema/nearest-name.ts';
import { parsePort, parseUpstreamHost } from './host-name.ts';
import type { UpstreamDocument } from './route-document.ts';
import type { RoutedApp, RouteScene } from './route-scene.ts';

/** What a route or one of its locations says of where it leads. */
export type TargetDocument = {
  readonly service?: string;
  readonly port?: number | string;
  readonly upstream?: UpstreamDocument;
  readonly reach?: 'network' | 'host';
};

/** What comes to a service by `udp` comes to other ports than the rest. */
export type Transport = 'tcp' | 'udp' | 'both';

export type UpstreamScene = {
  readonly place: Place;
  readonly scene: RouteScene;
  readonly transport: Transport;
  /** Of the route, as declared. */
  readonly name: string | undefined;
};

/** Undefined when something is wrong; it is told at its place. */
export function resolveUpstream(document: TargetDocument, own: UpstreamScene): Upstream | undefined {
  const { place, scene } = own;
  const { upstream } = document;
  if (upstream !== undefined) {
    for (const key of ['service', 'port', 'reach'] as const) {
      if (document[key] === undefined) continue;
      place.at(key).error('means nothing beside upstream', 'take one of them out');
    }
    return resolveAddress(upstream, place.at('upstream'), scene);
  }
  const { app } = scene;
  if (app === undefined) {
    place.error(
      'where does it lead?',
      'set upstream with host and port; a route to a service stands in its app.yaml',
    );
    return undefined;
  }
  return resolveService(document, { ...own, app });
}

function resolveAddress(
  { host, port }: UpstreamDocument,
  place: Place,
  { text }: RouteScene,
): Upstream | undefined {
  const name = place.at('host').attempt(() => parseUpstreamHost(text(host)));
  const number = place.at('port').attempt(() => parsePort(text(String(port))));
  return name === undefined || number === undefined
    ? undefined
    : { kind: 'address', host: name, port: number };
}

type ServiceScene = UpstreamScene & { readonly app: RoutedApp };

function resolveService(document: TargetDocument, own: ServiceScene): Upstream | undefined {
  const { place, scene, app } = own;
  const name = place.at('service').attempt(() => chooseService(document.service, app));
  const service = name === undefined ? undefined : app.project.services[name];
  if (name === undefined || service === undefined) return undefined;
  const reach = document.reach ?? scene.defaults.reach ?? 'network';
  const isReachable = place.at('service').attempt(() => checkReach(name, service, reach, app));
  const port = place.at('port').attempt(() => choosePort(document.port, { name, service, reach }, own));
  if (isReachable === undefined || port === undefined) return undefined;
  warnOfReplicas(name, service, place);
  const isAllotted = reach === 'host' && !isPublished(service, port, own.transport);
  return {
    kind: 'service',
    service: name,
    port,
    reach,
    // Routes to one port share its number.
    ...(isAllotted && { portName: port === 0 ? (own.name ?? 'default') : String(port) }),
  };
}

/** The proxy knows one address for each place, and takes no part in what runs behind it. */
function warnOfReplicas(name: string, { scale, deploy }: ComposeService, place: Place): void {
  const replicas = scale ?? deploy?.replicas ?? 1;
  if (replicas < 2) return;
  const hint = 'run one, or lead to a service that shares the requests out';
  place.warn(`leads to the first of the ${replicas} replicas of "${name}" alone`, hint);
}

/** Under a number of the host that the service itself has chosen, where another machine can reach it. */
function isPublished({ ports = [] }: ComposeService, port: number, transport: Transport): boolean {
  return ports.some(
    ({ target, published = '', protocol = 'tcp', host_ip: hostIp = '' }) =>
      target === port &&
      !isLoopback(hostIp) &&
      /^\d+$/.test(published) &&
      (transport === 'both' ? 'tcp' : transport) === protocol,
  );
}

/** @throws InvalidValue */
function chooseService(asked: string | undefined, { name, project, inactive }: RoutedApp): string {
  const names = Object.keys(project.services).toSorted();
  const known = `there is ${names.join(', ')}`;
  if (asked === undefined) {
    const [only, ...others] = names;
    if (only !== undefined && others.length === 0) return only;
    if (names.includes(name)) return name;
    throw new InvalidValue('which service?', `set service: ${names.join(', ')}`);
  }
  if (names.includes(asked)) return asked;
  if (inactive.has(asked)) {
    throw new InvalidValue(`the service "${asked}" is not part of this stack`, 'choose one of its profiles');
  }
  const nearest = findNearestName(asked, names);
  throw new InvalidValue(
    `there is no service "${asked}"`,
    nearest === undefined ? known : `did you mean "${nearest}"?`,
  );
}

/** @throws InvalidValue */
function checkReach(
  name: string,
  { network_mode: mode }: ComposeService,
  reach: 'network' | 'host',
  { network }: RoutedApp,
): true {
  if (mode) {
    throw new InvalidValue(
      `the service "${name}" has network_mode ${mode}, and no address of its own`,
      'set upstream with the host and port where it can be reached',
    );
  }
  if (reach === 'network' && network === undefined) {
    throw new InvalidValue(
      'there is no network in which a proxy could reach it',
      'set spec.network in fleet.yaml, to the one that the proxy is in; or reach: host',
    );
  }
  return true;
}

type ChosenService = {
  readonly name: string;
  readonly service: ComposeService;
  readonly reach: 'network' | 'host';
};

/** 0: the one that is allotted. @throws InvalidValue */
function choosePort(
  asked: number | string | undefined,
  { name, service, reach }: ChosenService,
  { scene, transport, app }: ServiceScene,
): number {
  const own = name === app.name ? app.port : undefined;
  const given = asked === undefined ? own : scene.text(String(asked));
  if (given !== undefined) return parsePort(given);
  const known = listPorts(service, transport);
  const [only, ...others] = known;
  if (only !== undefined && others.length === 0) return parsePort(only);
  if (only === undefined && reach === 'host') {
    if (!Object.hasOwn(service.environment ?? {}, 'PORT')) return 0;
    throw new InvalidValue('which port? The service sets PORT itself', 'set port');
  }
  const found = known.length === 0 ? 'exposes none' : `exposes ${known.join(', ')}`;
  throw new InvalidValue(`which port? The service "${name}" ${found}`, 'set port');
}

function listPorts({ expose = [], ports = [] }: ComposeService, transport: Transport): readonly string[] {
  const exposed = expose.map((each) => each.split('/'));
  const published = ports.map(({ target, protocol }) => [String(target), protocol]);
  const isMeant = (protocol = 'tcp') => transport === 'both' || protocol === transport;
  const meant = [...exposed, ...published].filter(([, protocol]) => isMeant(protocol));
  return [...new Set(meant.map(([port = '']) => port))];
}
