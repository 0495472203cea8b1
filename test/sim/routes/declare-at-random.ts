// What Git says: a few routes over a few names, so that names are taken over, given up and fought for.
import type {
  CertificateChoice,
  DesiredProxy,
  DesiredRoute,
  HttpRoute,
  RouteLocation,
  Upstream,
} from '#domain/routes/desired-route.ts';
import { httpRoute, streamRoute } from '#test/support/routes/declare-routes.ts';
import { accessList, certificate } from '#test/support/routes/declare-shared.ts';
import { declared } from '#test/support/routes/npm-route-rig.ts';
import type { Random } from '../random.ts';

export type RandomDeclaration = {
  readonly routes: readonly DesiredRoute[];
  readonly proxy: Pick<DesiredProxy, 'accessLists' | 'certificates'>;
};

export const domainPool = ['a.test', 'b.test', 'c.test', 'd.test', 'e.test', 'f.test', 'g.test'] as const;
export const portPool = [5000, 5001, 5002] as const;
export const badDirective = 'no_such_thing on;';
export const badName = 'gone.invalid';

const service: Upstream = { kind: 'service', service: 'app', port: 3000, reach: 'network' };

export function declareAtRandom(random: Random): RandomDeclaration {
  const domains = shuffle(random, domainPool);
  const ports = shuffle(random, portPool);
  const count = random.integer(1, 5);
  const names = shuffle(random, ['r0', 'r1', 'r2', 'r3', 'r4', 'r5']).slice(0, count);
  const routes = names.flatMap((name) => {
    if (random.chance(0.2)) {
      const port = ports.pop();
      return port === undefined ? [] : [randomStream(random, name, port)];
    }
    const hosts = domains.splice(0, random.pick([1, 1, 1, 2])).toSorted();
    return hosts.length === 0 ? [] : [randomHost(random, name, hosts)];
  });
  return {
    routes: routes.map((route) => declared(route)).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    proxy: {
      accessLists: [
        accessList({ satisfyAny: random.chance(0.3) }),
        accessList({
          name: 'guests',
          clients: random.chance(0.5) ? [] : [allow('10.0.0.0/8'), allow('all')],
        }),
      ],
      certificates: [certificate('own', [...domainPool], random.pick([1, 1, 2]))],
    },
  };
}

const allow = (address: string) => ({ address, directive: 'allow' as const });

function shuffle<T>(random: Random, all: readonly T[]): T[] {
  return all
    .map((each) => ({ each, key: random.next() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ each }) => each);
}

function randomCertificate(random: Random): CertificateChoice {
  const own = { kind: 'named', name: 'own' } as const;
  const issued = { kind: 'letsencrypt', keyType: 'ecdsa' } as const;
  return random.pick([{ kind: 'none' }, { kind: 'none' }, { kind: 'auto' }, own, own, issued]);
}

function randomAdvanced(random: Random): string {
  return random.pick(['', '', '', '', 'client_max_body_size 9m;', 'expires 1h;', badDirective]);
}

function randomHost(random: Random, name: string, hosts: readonly string[]): DesiredRoute {
  const {
    kind: _kind,
    upstream: _upstream,
    ...base
  } = httpRoute(hosts, {
    name,
    enabled: !random.chance(0.1),
    adopt: random.chance(0.25),
    certificate: randomCertificate(random),
    forceSsl: random.chance(0.5),
    http2: random.chance(0.5),
    hsts: random.pick(['off', 'on', 'subdomains']),
    advanced: randomAdvanced(random),
  });
  const { enabled, adopt, generation, certificate: chosen, forceSsl, http2, hsts, advanced } = base;
  const names = {
    name,
    hosts,
    enabled,
    adopt,
    generation,
    certificate: chosen,
    forceSsl,
    http2,
    hsts,
    advanced,
  };
  const blockExploits = random.chance(0.5);
  switch (random.pick(['http', 'http', 'http', 'http', 'redirect', 'not-found'])) {
    case 'redirect': {
      const to = { host: 'new.test', scheme: random.pick(['auto', 'https']), code: 301, preservePath: true };
      return { kind: 'redirect', ...names, to, blockExploits };
    }
    case 'not-found':
      return { kind: 'not-found', ...names };
    default:
      return randomHttp(random, { ...names, blockExploits });
  }
}

function randomHttp(random: Random, names: Omit<HttpRoute, RestOfHttp>): HttpRoute {
  const list = random.pick([undefined, undefined, 'family', 'guests']);
  const address: Upstream = { kind: 'address', host: '10.0.0.9', port: random.integer(1, 3) };
  const location = (): RouteLocation => ({
    path: random.pick(['/api', '/more']),
    scheme: 'http',
    upstream: random.chance(0.15) ? { kind: 'address', host: badName, port: 80 } : service,
    advanced: '',
  });
  return {
    kind: 'http',
    ...names,
    scheme: 'http',
    upstream: random.chance(0.7) ? service : address,
    locations: random.chance(0.3) ? [location()] : [],
    websockets: random.chance(0.5),
    cacheAssets: false,
    trustForwardedProto: random.chance(0.5),
    ...(list !== undefined && { accessList: list }),
  };
}

type RestOfHttp =
  | 'kind'
  | 'scheme'
  | 'upstream'
  | 'locations'
  | 'websockets'
  | 'cacheAssets'
  | 'trustForwardedProto'
  | 'accessList';

function randomStream(random: Random, name: string, listen: number): DesiredRoute {
  return streamRoute(listen, {
    name,
    enabled: !random.chance(0.1),
    adopt: random.chance(0.25),
    protocol: random.pick(['tcp', 'udp', 'both']),
    upstream: random.chance(0.6) ? service : { kind: 'address', host: '10.0.0.9', port: 1 },
  });
}
