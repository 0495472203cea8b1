import { describe, expect, it } from 'vitest';
import {
  appFile as app,
  composeFile as compose,
  fleetFile as fleet,
  problemsOf,
  shorthand,
  stackOf,
} from '#test/support/routed-app.ts';

const reaching = `${fleet.replace(/ {2}network.*\n/, '')}  defaults: { routes: { reach: host } }\n`;

async function serviceOf(spec: string, files: Readonly<Record<string, string>> = {}) {
  const stack = await stackOf({ 'fleet.yaml': reaching, 'app.yaml': app(spec), ...files });
  const service = stack.services.find(({ name }) => name === 'web');
  if (service === undefined) throw new Error('there is no service');
  const upstreams = stack.routes?.map((route) => 'upstream' in route && route.upstream);
  return { ...service, upstreams, networks: stack.networks };
}

describe('a route to a proxy on another machine', () => {
  it('has a port of the host allotted to the one of the container, and no network', async () => {
    const { spec, upstreams, networks } = await serviceOf(shorthand);

    expect(upstreams).toEqual([
      { kind: 'service', service: 'web', port: 3000, reach: 'host', portName: '3000' },
    ]);
    expect(spec.allotted).toEqual([{ name: '3000', containerPort: 3000, protocols: ['tcp'], variables: [] }]);
    expect(spec.ports).toEqual([]);
    expect(networks.map(({ name }) => name)).toEqual(['web_default']);
  });

  it('takes the port that the service publishes by itself', async () => {
    const { spec, upstreams } = await serviceOf(`${shorthand}ports: ["18080:3000"]`);

    expect(upstreams).toEqual([{ kind: 'service', service: 'web', port: 3000, reach: 'host' }]);
    expect(spec.allotted).toBeUndefined();
  });

  it.each(['127.0.0.1:', '127.1.2.3:', '[::1]:'])(
    'has one allotted where the service publishes its own on %s only',
    async (address) => {
      const { spec, upstreams } = await serviceOf(`${shorthand}ports: ["${address}18080:3000"]`);

      expect(upstreams).toMatchObject([{ port: 3000, portName: '3000' }]);
      expect(spec.allotted).toMatchObject([{ containerPort: 3000, protocols: ['tcp'] }]);
    },
  );

  it('shares one port with other routes to the same, of either protocol', async () => {
    const { spec } = await serviceOf(`${shorthand}routes:
  - { host: a.test }
  - { host: b.test, locations: [{ path: /x, port: 9000 }] }
  - { mode: l4, listen: 1883, protocol: udp }`);

    expect(spec.allotted).toEqual([
      { name: '3000', containerPort: 3000, protocols: ['tcp', 'udp'], variables: [] },
      { name: '9000', containerPort: 9000, protocols: ['tcp'], variables: [] },
    ]);
  });

  it('without any port leads to the one that is allotted, which $PORT tells', async () => {
    const routes = 'routes: [{ name: ui }, { name: admin-api, host: b.test }]';

    const { spec, upstreams } = await serviceOf(`image: web:1\n${routes}`);

    expect(upstreams).toEqual([
      { kind: 'service', service: 'web', port: 0, reach: 'host', portName: 'admin-api' },
      { kind: 'service', service: 'web', port: 0, reach: 'host', portName: 'ui' },
    ]);
    expect(spec.allotted).toEqual([
      { name: 'admin-api', protocols: ['tcp'], variables: ['PORT_ADMIN_API'] },
      { name: 'ui', protocols: ['tcp'], variables: ['PORT', 'PORT_UI'] },
    ]);
    expect(spec.environment).toEqual({});
  });

  it('leaves alone what the environment says', async () => {
    const { spec } = await serviceOf('image: web:1\nenvironment: { PORT_UI: "1" }\nroutes: [{ name: ui }]');

    expect(spec.allotted).toEqual([{ name: 'ui', protocols: ['tcp'], variables: ['PORT'] }]);
    expect(
      await problemsOf('image: web:1\nenvironment: { PORT: "80" }\nroute: true', {
        files: { 'fleet.yaml': reaching },
      }),
    ).toContain('spec.route: which port? The service sets PORT itself (set port)');
  });

  it('may be said of one route alone', async () => {
    const spec = 'routes: [{ service: web, reach: host }, { service: api, port: 9090, host: api.test }]';

    const stack = await stackOf({ 'app.yaml': app(spec), 'compose.yaml': compose });

    expect(
      stack.services.map(({ spec: { allotted, networks } }) => [allotted?.length ?? 0, networks.length]),
    ).toEqual([
      [0, 2],
      [1, 1],
    ]);
  });
});
