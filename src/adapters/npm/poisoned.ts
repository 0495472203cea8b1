import type { ObservedCertificate, ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import { ProxyError } from '#ports/proxy.ts';
import { hostKinds } from './host-paths.ts';
import type { NpmClient } from './npm-client.ts';
import { readHosts } from './read-hosts.ts';
import { readCertificates } from './read-shared.ts';

const mostNamed = 5;

/** A write was stored and nginx would not have it, because something else is broken (quirk 2). Never throws. */
export async function toPoisoned(
  cause: ProxyError,
  client: NpmClient,
  signal: AbortSignal,
): Promise<ProxyError> {
  const message =
    'the write was stored, but takes no effect: the configuration of nginx was broken before. ' +
    (await describeCulprits(client, signal));
  return new ProxyError('PROXY_POISONED', message, { cause, ...(cause.status && { status: cause.status }) });
}

async function describeCulprits(client: NpmClient, signal: AbortSignal): Promise<string> {
  try {
    const hosts: ObservedHostEntry[] = [];
    for (const kind of hostKinds) hosts.push(...(await readHosts(client, kind, signal)));
    return formatCulprits(hosts, await readCertificates(client, signal));
  } catch (error) {
    if (error instanceof ProxyError) return 'What breaks it could not be found out';
    throw error;
  }
}

/** What most likely breaks nginx, the likeliest first, and what to do about it. */
function formatCulprits(
  hosts: readonly ObservedHostEntry[],
  certificates: readonly ObservedCertificate[],
): string {
  const known = new Set(certificates.map(({ id }) => id));
  const enabled = hosts.filter((host) => host.enabled);
  const lost = enabled
    .filter(({ body }) => body.certificateId !== 0 && !known.has(body.certificateId))
    .map((host) => `${nameHost(host)}, whose certificate ${host.body.certificateId} is gone`);
  const offline = enabled
    .filter(({ online }) => online === false)
    .map((host) => `${nameHost(host)}, which nginx refused: ${host.nginxError ?? ''}`);
  const suspects = [...lost, ...offline];
  if (suspects.length > 0) {
    const named = suspects.slice(0, mostNamed).join('; ');
    const more = suspects.length > mostNamed ? `; and ${suspects.length - mostNamed} more` : '';
    return `Look at ${named}${more}. Disabling the culprit lets all else through`;
  }
  const others = enabled
    .filter(({ body }) => body.kind === 'stream' || (body.kind === 'proxy-host' && body.locations.length > 0))
    .toSorted((a, b) => b.id - a.id)
    .slice(0, mostNamed)
    .map(nameHost);
  // Their names are looked up when nginx reads its files: one that does not resolve breaks it.
  const also = others.length === 0 ? '' : `, or at where streams and locations lead to: ${others.join(', ')}`;
  return `No host shows why: look at custom certificates and hand-written includes with \`nginx -t\`${also}`;
}

function nameHost({ kind, id, body }: ObservedHostEntry): string {
  const entry = body.kind === 'stream' ? `port ${body.listen}` : (body.domains[0] ?? 'no name');
  return `${kind} ${id} (${entry})`;
}
