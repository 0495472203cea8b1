// What the real daemon is told of a proxy: a state repo with one app, its own settings, and hosts of others.
import { loginTo } from '../npm/npm-client.ts';
import type { KeyPair } from '../npm/self-signed.ts';
import { adminCredentials, type TestNpm } from '../npm/start-npm.ts';
import type { World } from '../world.ts';

/** What Git says, as far as it is about the proxy. */
export type DeclaredProxy = {
  /** Of one app; its only service is `web`. */
  readonly routes: readonly object[];
  readonly accessLists?: object;
  readonly certificates?: Readonly<Record<string, KeyPair>>;
};

/** Nobody's, and another Shorefast's. */
export async function putForeign(npm: TestNpm): Promise<void> {
  const human = await loginTo(npm);
  const host = { forward_scheme: 'http', forward_host: '10.7.7.7', forward_port: 7 };
  await human.must('POST', '/nginx/access-lists', { name: 'theirs', items: [], clients: [] });
  await human.must('POST', '/nginx/certificates', { provider: 'other', nice_name: 'theirs' });
  await human.must('POST', '/nginx/proxy-hosts', { ...host, domain_names: ['foreign.test'] });
  const meta = { managed_by: 'shorefast', shorefast_owner: 'others', shorefast_stack: 'web' };
  const marked = { ...host, domain_names: ['others.test'], meta: { ...meta, shorefast_route: 'a.test' } };
  await human.must('POST', '/nginx/proxy-hosts', { ...marked, access_list_id: 1 });
  const stream = { incoming_port: 6000, forwarding_host: '10.7.7.7', forwarding_port: 7 };
  await human.must('POST', '/nginx/streams', { ...stream, tcp_forwarding: true });
}

export function toEnvironment(npm: TestNpm): Readonly<Record<string, string>> {
  return {
    SHOREFAST_NPM__URL: npm.url,
    SHOREFAST_NPM__IDENTITY: adminCredentials.identity,
    SHOREFAST_NPM__PASSWORD: adminCredentials.secret,
    SHOREFAST_NPM__INTERVAL: '1s',
    SHOREFAST_POLICY__ALLOW_ADVANCED_NGINX: 'true',
  };
}

/** JSON is YAML. */
export async function commitProxy(
  { repo, app }: World,
  { routes, ...proxy }: DeclaredProxy,
  version = '',
): Promise<string> {
  const { accessLists = {}, certificates = {} } = proxy;
  const pairs = Object.entries(certificates);
  const paths = pairs.map(([name]) => [name, { certificate: `tls/${name}.pem`, key: `tls/${name}.key` }]);
  const document = (kind: string, spec: object): string =>
    JSON.stringify({ apiVersion: 'shorefast/v1', kind, spec });
  const shared = { accessLists, certificates: Object.fromEntries(paths) };
  const environment = { AT: version };
  const service = { image: 'shorefast-test/web:1', port: 8080, restart: 'unless-stopped', environment };
  const rollout = { drain: '0s', minReady: '300ms', deadline: '20s' };
  return repo.commit({
    'fleet.yaml': document('Fleet', { network: `${app}-net`, proxy: shared, defaults: { rollout } }),
    [`apps/${app}/app.yaml`]: document('App', {
      ...service,
      ...(routes.length === 0 ? { route: false } : { routes }),
    }),
    ...Object.fromEntries(
      pairs.flatMap(([name, { certificate, key }]) => [
        [`tls/${name}.pem`, certificate],
        [`tls/${name}.key`, key],
      ]),
    ),
  });
}
