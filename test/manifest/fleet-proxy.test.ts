import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DesiredFleet } from '#domain/desired.ts';
import { loadDesiredState } from '#manifest/load-desired-state.ts';
import { certificatePem, keyPem, keyWithPassphrasePem, otherKeyPem } from '#test/support/certificates.ts';
import { formatProblems, openPolicy } from '#test/support/manifest-input.ts';
import { memoryTree } from '#test/support/memory-tree.ts';
import { appFile, shorthand } from '#test/support/routed-app.ts';

const header = 'apiVersion: shorefast/v1\nkind: Fleet\nspec:\n';
const routesHeader = 'apiVersion: shorefast/v1\nkind: Routes\nspec:\n  routes:\n';
const expiresAtMs = new X509Certificate(certificatePem).validToDate.getTime();
const dayMs = 86_400_000;
const files = { 'tls/example.pem': certificatePem, 'tls/key.pem': keyPem, 'secrets/anna': 'hunter22\n' };

async function load(proxy: string, { more = {}, nowMs = Date.UTC(2027, 0) } = {}) {
  const fleet = `${header}  domain: example.com\n  network: edge\n  variables: { NAS: 10.0.0.7 }\n${proxy}`;
  const tree = memoryTree({
    'fleet.yaml': fleet,
    'apps/web/app.yaml': appFile(shorthand),
    ...files,
    ...more,
  });
  const result = await loadDesiredState({ tree, policy: openPolicy, nowMs });
  if (result.kind === 'invalid') throw new Error(formatProblems(result.problems));
  return result.state;
}

const loadWith = (more: Readonly<Record<string, string>>) => load('', { more });

async function fleetOf(proxy: string, options = {}): Promise<DesiredFleet> {
  const { fleet } = await load(proxy, options);
  return fleet;
}

async function problemsOf(proxy: string, options = {}): Promise<string> {
  const { fleet, apps } = await load(proxy, options);
  expect(fleet.proxy).toBeUndefined();
  expect(apps[0]?.stacks).toHaveLength(1);
  return formatProblems(fleet.problems ?? []);
}

const certificate = (pair: string) => `  proxy:\n    certificates:\n      wild: ${pair}\n`;
const good = '{ certificate: tls/example.pem, key: tls/key.pem }';

describe('a certificate of the fleet', () => {
  it('is read with its key, its domains and its end', async () => {
    const { proxy, problems } = await fleetOf(certificate(good));

    expect(problems).toBeUndefined();
    expect(proxy?.certificates).toEqual([
      {
        name: 'wild',
        certificatePem,
        keyPem,
        domains: ['*.example.com', 'example.com'],
        expiresAtMs,
        generation: expect.stringMatching(/^[0-9a-f]{8}$/),
      },
    ]);
  });

  it.each([
    ['a key of another pair', { 'tls/key.pem': otherKeyPem }, 'wild.key: does not belong to the certificate'],
    [
      'a key with a passphrase',
      { 'tls/key.pem': keyWithPassphrasePem },
      'wild.key: the key has a passphrase',
    ],
    ['no key', { 'tls/key.pem': 'nothing' }, 'wild.key: the file holds no private key'],
    ['no certificate', { 'tls/example.pem': keyPem }, 'wild.certificate: the file holds no certificate'],
  ])('%s is refused', async (_, more, problem) => {
    const problems = await problemsOf(certificate(good), { more });

    expect(problems).toMatch(/^error fleet\.yaml:9:\d+: spec\.proxy\.certificates\./);
    expect(problems).toContain(problem);
    expect(problems).not.toContain('-----BEGIN EC');
  });

  it('that is not there is refused, and one outside of the repo too', async () => {
    expect(await problemsOf(certificate('{ certificate: tls/x.pem, key: /etc/key.pem }'))).toBe(
      'error fleet.yaml:9:28: spec.proxy.certificates.wild.certificate: there is no "tls/x.pem" in the state ' +
        'repo (files are named relative to the root of the repo)\n' +
        'error fleet.yaml:9:44: spec.proxy.certificates.wild.key: "/etc/key.pem" leads out of the app\'s ' +
        'directory (files are named relative to the root of the repo)',
    );
  });

  it('is told a month before its end and after it, and takes nothing else with it', async () => {
    const soon = await fleetOf(certificate(good), { nowMs: expiresAtMs - 10.5 * dayMs });

    expect(soon.proxy?.certificates).toHaveLength(1);
    expect(formatProblems(soon.problems ?? [])).toMatch(/^warning .*expires on \d{4}-\d\d-\d\d, in 10 days/);

    const late = await fleetOf(certificate(good), { nowMs: expiresAtMs });

    expect(late.proxy?.certificates).toHaveLength(1);
    expect(formatProblems(late.problems ?? [])).toMatch(/^warning .*: expired on \d{4}/);
  });
});

const list = (text: string) => `  proxy:\n    accessLists:\n      office: ${text}\n`;

describe('an access list of the fleet', () => {
  it('has users with passwords from the repo, and addresses in their order', async () => {
    const { proxy } = await fleetOf(
      list(
        '{ users: { bob: { password: hunter11 }, anna: { passwordFile: secrets/anna } }, satisfy: any, ' +
          'clients: [{ deny: 10.0.0.1 }, { allow: 10.0.0.0/8 }, { allow: "fd00::/8" }] }',
      ),
    );

    expect(proxy?.accessLists).toEqual([
      {
        name: 'office',
        satisfyAny: true,
        passAuth: false,
        users: [
          { username: 'anna', password: 'hunter22' },
          { username: 'bob', password: 'hunter11' },
        ],
        clients: [
          { address: '10.0.0.1', directive: 'deny' },
          { address: '10.0.0.0/8', directive: 'allow' },
          { address: 'fd00::/8', directive: 'allow' },
        ],
        generation: expect.stringMatching(/^[0-9a-f]{8}$/),
      },
    ]);
  });

  it('has a generation that follows its passwords', async () => {
    const generation = async (password: string) =>
      (await fleetOf(list(`{ users: { bob: { password: ${password} } } }`))).proxy?.accessLists[0]
        ?.generation;

    expect(await generation('hunter11')).toBe(await generation('hunter11'));
    expect(await generation('hunter12')).not.toBe(await generation('hunter11'));
  });

  it.each([
    ['{}', 'office: names nobody, and would let everyone in'],
    ['{ clients: [{ allow: 10.0.0.0/33 }] }', 'clients[0].allow: expected an IP address, a network such as'],
    ['{ clients: [{ allow: "all; }" }] }', 'clients[0].allow: expected an IP address, a network such as'],
    ['{ clients: [{}] }', 'clients[0]: expected either allow or deny'],
    ['{ users: { bob: {} } }', 'users.bob: expected either password or passwordFile'],
    ['{ users: { bob: { password: "" } } }', 'users.bob: the password is empty'],
    ['{ users: { bob: { passwordFile: x } } }', 'users.bob.passwordFile: there is no "x" in the state repo'],
  ])('%s is refused', async (text, problem) => {
    expect(await problemsOf(list(text))).toContain(problem);
  });

  it('shows no password, whatever is wrong', async () => {
    const bad = await load(list('{ users: { bob: { password: "hunter99\\n" } } }'));
    expect(JSON.stringify(bad)).toContain('control characters');
    expect(JSON.stringify(bad)).not.toContain('hunter99');

    const fleet = `${header}${list('{ users: { bob: { pasword: hunter99 } } }')}`;
    const faulty = await loadDesiredState({ tree: memoryTree({ 'fleet.yaml': fleet }), policy: openPolicy });
    expect(JSON.stringify(faulty)).toContain('did you mean');
    expect(JSON.stringify(faulty)).not.toContain('hunter99');
  });

  it.each([
    ['a number', '{ users: { bob: { password: 48151623 } } }', 'expected text'],
    ['one in place of a user', '{ users: { bob: "48151623" } }', 'expected a mapping'],
    ['one beside a line that is no YAML', '{ users: { bob: { password: "48151623", ] } }', 'fleet.yaml'],
    ['one of two', '{ users: { bob: { password: "48151623", password: x } } }', 'fleet.yaml'],
  ])('does not tell a password that is %s', async (_, text, said) => {
    for (const fleet of [
      `${header}${list(text)}`,
      `${header.replace('spec:\n', 'spec: ')}{ proxy: { accessLists: { office: ${text} } } }\n`,
    ]) {
      const told = await loadDesiredState({ tree: memoryTree({ 'fleet.yaml': fleet }), policy: openPolicy });
      expect(told.kind).toBe('invalid');
      expect(JSON.stringify(told)).toContain(said);
      expect(JSON.stringify(told)).not.toContain('48151623');
    }
  });
});

describe('routes.yaml', () => {
  const load = (routes: string) => fleetOf('', { more: { 'routes.yaml': `${routesHeader}${routes}` } });

  it('has routes that belong to no app', async () => {
    const { proxy, problems } = await load(`    - { subdomain: nas, upstream: { host: "$NAS", port: 5000 } }
    - { name: old, host: old.test, redirect: { to: new.test } }
    - { host: off.test, notFound: true }
    - { mode: l4, listen: 8883, upstream: { host: broker.test, port: 8883 }, certificate: wild }
`);

    expect(problems).toBeUndefined();
    expect(proxy?.routes).toMatchObject([
      {
        kind: 'http',
        hosts: ['nas.example.com'],
        upstream: { kind: 'address', host: '10.0.0.7', port: 5000 },
      },
      { kind: 'not-found', hosts: ['off.test'] },
      { kind: 'redirect', name: 'old' },
      { kind: 'stream', name: 'tcp-8883', certificate: { kind: 'named', name: 'wild' } },
    ]);
  });

  it.each([
    [
      '{ host: a.test, service: web }',
      '[0]: where does it lead? (set upstream with host and port; a route to',
    ],
    ['{ upstream: { host: a, port: 1 } }', '[0].subdomain: which host? (set host, hosts or subdomain)'],
    ['{ host: "a$X.test", notFound: true }', '[0].host: the variable X is not set'],
  ])('%s is told at its place, and then it is unknown what there is to be', async (route, problem) => {
    const { proxy, problems = [] } = await load(`    - ${route}\n`);

    expect(proxy).toBeUndefined();
    expect(formatProblems(problems)).toContain(`: spec.routes${problem}`);
    expect(problems[0]?.file).toBe('routes.yaml');
  });

  it('comes before the apps: one that wants a host of it is at fault', async () => {
    const more = { 'routes.yaml': `${routesHeader}    - { host: web.example.com, notFound: true }\n` };
    const { apps, fleet } = await loadWith(more);

    expect(fleet.proxy?.routes).toHaveLength(1);
    expect(apps[0]?.stacks).toEqual([]);
    expect(formatProblems(apps[0]?.problems ?? [])).toBe(
      'error apps/web/app.yaml:5:9: spec.port: the host web.example.com is that of routes.yaml:5 already ' +
        '(a proxy can lead it to one place)',
    );
  });
});
