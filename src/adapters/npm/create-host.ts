import type { RouteStep } from '#domain/routes/route-plan.ts';
import type { RouteStepResult } from '#ports/proxy.ts';
import { deleteHost } from './delete-host.ts';
import type { NpmDeps } from './npm-deps.ts';
import { postHost } from './post-host.ts';

/** What nginx refuses is removed again. @throws ProxyError */
export async function createHost(
  { body, marker }: Extract<RouteStep, { kind: 'create-host' }>,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  const host = await postHost({ body, marker, otherMeta: {} }, deps, signal);
  if (host.online !== false) return { host, id: host.id };
  await deleteHost(host, deps, signal);
  return { refused: host.nginxError ?? '' };
}
