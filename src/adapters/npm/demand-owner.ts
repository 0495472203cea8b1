import type { RouteStep } from '#domain/routes/route-plan.ts';
import { ProxyError } from '#ports/proxy.ts';
import type { NpmClient } from './npm-client.ts';
import { readHost } from './read-hosts.ts';

/**
 * NPM knows no locks, and many writes may lie between the look and this step: what has changed hands since is left
 * alone. What is gone is the step's own matter. @throws ProxyError PROXY_CONFLICT
 */
export async function demandOwner(step: RouteStep, client: NpmClient, signal: AbortSignal): Promise<void> {
  const place = toPlace(step);
  if (place === undefined) return;
  const found = await readHost(client, place, signal);
  if (found === undefined || (found.marker?.owner ?? '') === place.owner) return;
  const message = `${place.kind} ${place.id} has changed hands since it was looked at`;
  throw new ProxyError('PROXY_CONFLICT', message);
}

function toPlace(step: RouteStep) {
  switch (step.kind) {
    case 'update-host': {
      const { kind, id, marker } = step.before;
      return { kind, id, owner: marker?.owner ?? '' };
    }
    case 'enable-host':
    case 'disable-host':
    case 'delete-host': {
      const { kind, id, owner } = step.host;
      return owner === undefined ? undefined : { kind, id, owner };
    }
    default:
      return undefined;
  }
}
