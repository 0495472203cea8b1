import type { HostBody, ObservedHostEntry } from './observed-proxy.ts';

/** What nginx may refuse of a body: what goes into it as it is, and names that it looks up when it reads its files. */
export function listRisks(body: HostBody): readonly string[] {
  if (body.kind === 'stream') return [body.forwardHost];
  const locations = body.kind === 'proxy-host' ? body.locations : [];
  return [
    ...(body.advanced === '' ? [] : [body.advanced]),
    ...locations.map((location) => JSON.stringify(location)),
  ];
}

/**
 * Nobody knows that nginx has ever taken it, or what it was before: a write of its access list brings it there without
 * a test, and then it breaks nginx for all.
 */
export function isUntested({ body, enabled, online, marker }: ObservedHostEntry): boolean {
  const isOurs = marker !== undefined && marker.previous === undefined;
  return enabled && online === undefined && isOurs && listRisks(body).length > 0;
}
