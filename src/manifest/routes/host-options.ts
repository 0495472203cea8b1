import type { CertificateChoice, HostOptions } from '#domain/routes/desired-route.ts';
import { InvalidValue, type Place } from '../place.ts';
import { parseHost } from './host-name.ts';
import type { CertificateDocument, RouteDocument } from './route-document.ts';
import type { RouteScene } from './route-scene.ts';

/** Undefined when something is wrong; it is told at its place. */
export function resolveHostOptions(
  route: RouteDocument,
  place: Place,
  scene: RouteScene,
): HostOptions | undefined {
  const { defaults } = scene;
  const hosts = resolveHosts(route, place, scene);
  const declared = route.certificate ?? defaults.certificate ?? 'auto';
  const certificate = place.at('certificate').attempt(() => toCertificate(declared, hosts ?? []));
  const advanced = checkAdvanced(route.advanced, place, scene);
  if (hosts === undefined || certificate === undefined) return undefined;
  const hasNone = certificate.kind === 'none';
  const forceSsl = !hasNone && (route.forceSsl ?? defaults.forceSsl ?? true);
  const hsts = toHsts(route.hsts ?? defaults.hsts ?? 'off');
  if (route.forceSsl && hasNone) place.at('forceSsl').error('there is no https without a certificate');
  if (route.hsts && hsts !== 'off' && !forceSsl) place.at('hsts').error('needs forceSsl and a certificate');
  return {
    hosts,
    certificate,
    forceSsl,
    http2: !hasNone && (route.http2 ?? defaults.http2 ?? true),
    hsts: forceSsl ? hsts : 'off',
    advanced,
  };
}

/** Sorted, each once. */
function resolveHosts(route: RouteDocument, place: Place, scene: RouteScene): readonly string[] | undefined {
  const { host, hosts, subdomain } = route;
  const [first, second] = (['host', 'hosts', 'subdomain'] as const).filter((key) => route[key] !== undefined);
  if (second !== undefined) place.at(second).error(`stands beside ${first}`, 'take one of them out');
  const read = (text: string, at: Place) => at.attempt(() => parseHost(scene.text(text)));
  const found =
    hosts !== undefined
      ? hosts.map((each, index) => read(each, place.at('hosts', index)))
      : [
          host !== undefined
            ? read(host, place.at('host'))
            : place.at('subdomain').attempt(() => toHost(subdomain, scene)),
        ];
  const good = found.filter((each) => each !== undefined);
  return good.length < found.length ? undefined : [...new Set(good)].toSorted();
}

/** @throws InvalidValue */
function toHost(subdomain: string | undefined, { defaultHost, domain, text }: RouteScene): string {
  if (subdomain === undefined) return defaultHost();
  if (domain === undefined) {
    throw new InvalidValue(
      'there is no domain for it',
      'set spec.domain in fleet.yaml, or host in place of this',
    );
  }
  return parseHost(`${text(subdomain)}.${domain}`);
}

function toHsts(hsts: NonNullable<RouteDocument['hsts']>): HostOptions['hsts'] {
  if (typeof hsts === 'boolean') return hsts ? 'on' : 'off';
  return hsts;
}

/** @throws InvalidValue */
export function toCertificate(document: CertificateDocument, hosts: readonly string[]): CertificateChoice {
  if (typeof document === 'string') {
    if (document === 'auto' || document === 'none') return { kind: document };
    return document === 'letsencrypt' ? toLetsEncrypt({}, hosts) : { kind: 'named', name: document };
  }
  if (document.name !== undefined) return { kind: 'named', name: document.name };
  return toLetsEncrypt(document.letsencrypt ?? {}, hosts);
}

/** @throws InvalidValue */
function toLetsEncrypt(
  { keyType = 'ecdsa' }: { readonly keyType?: 'rsa' | 'ecdsa' },
  hosts: readonly string[],
): CertificateChoice {
  const wildcard = hosts.find((host) => host.startsWith('*'));
  if (wildcard === undefined) return { kind: 'letsencrypt', keyType };
  throw new InvalidValue(
    `for ${wildcard}, Let's Encrypt asks for a proof in the DNS, which is not made here`,
    'have the certificate issued in the proxy, and name it',
  );
}

/** Raw nginx configuration can do anything: it needs consent. */
export function checkAdvanced(advanced: string | undefined, place: Place, { policy }: RouteScene): string {
  if (advanced === undefined || advanced.trim() === '') return '';
  if (!policy.allowAdvancedNginx) {
    place
      .at('advanced')
      .error(
        'nginx configuration of its own is not allowed on this host',
        "set policy.allowAdvancedNginx in the daemon's own settings",
      );
    return '';
  }
  return advanced;
}
