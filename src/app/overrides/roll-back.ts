// Back to an earlier generation, from what the history has and what is on the host. Neither Git nor a registry is
// asked; what can be known to fail is refused now, not found out by the loop.
import type { OverrideAnswer } from '#api/api-actions.ts';
import { type Choice, chooseLastReady, chooseNamed } from '#domain/find-rollback.ts';
import { findVersion } from '#domain/history-versions.ts';
import type { ObservedHost } from '#domain/observed.ts';
import { type OverrideDeps, type Refused, refuse, type StackRequest } from './override-deps.ts';

const mostCycles = 1000;
const observeTimeoutMs = 8_000;

type Chosen = { readonly kind: 'chosen'; readonly choices: readonly Choice[] } | Refused;

export async function rollBack(
  request: StackRequest,
  to: string | undefined,
  deps: OverrideDeps,
): Promise<OverrideAnswer> {
  const { stack, reason } = request;
  const chosen = choose(request, to, deps);
  if (chosen.kind === 'refused') return chosen;
  const observed = await deps.observer.observe(deps.observer.mark(), AbortSignal.timeout(observeTimeoutMs));
  const obstacles = chosen.choices.flatMap((choice) => findObstacle(request, choice, observed, deps) ?? []);
  if (obstacles.length > 0) return refuse('ROLLBACK_IMPOSSIBLE', obstacles.join('; '));
  const sinceMs = deps.clock.nowMs();
  for (const { service, target } of chosen.choices) {
    deps.store.putOverride({
      kind: 'rolled-back',
      stack: stack.name,
      service: service.name,
      reason,
      sinceMs,
      target,
    });
  }
  return { kind: 'accepted', changes: chosen.choices.map(describe) };
}

function choose({ stack, service }: StackRequest, to: string | undefined, { store }: OverrideDeps): Chosen {
  const generations = store.listGenerations(stack.name);
  const concerned =
    service === undefined
      ? stack
      : { ...stack, services: stack.services.filter(({ name }) => name === service) };
  if (to === undefined) {
    const choices = chooseLastReady(concerned, generations, store.listOverrides(stack.name));
    return toChosen(choices, 'the history has no earlier generation of it that was ready');
  }
  const cycles = store.listCycles({ stack: stack.name, limit: mostCycles });
  const found = findVersion(to, { cycles, generations });
  if (found.kind !== 'found') {
    return refuse(found.kind === 'unknown' ? 'HISTORY_NOT_FOUND' : 'BAD_REQUEST', found.message);
  }
  return toChosen(chooseNamed(concerned, found.generations, generations), `${to} is what Git wants already`);
}

function toChosen(choices: readonly Choice[], message: string): Chosen {
  return choices.length > 0 ? { kind: 'chosen', choices } : refuse('HISTORY_NOT_FOUND', message);
}

/** Why it cannot be gone back to; undefined when it can. */
function findObstacle(
  { stack }: StackRequest,
  { service, target }: Choice,
  observed: ObservedHost,
  { overrides }: OverrideDeps,
): string | undefined {
  const { generation, image, imageId, digest } = target;
  const what = `${service.name}: generation ${generation}`;
  const restored = overrides.restore(stack.name, service, target, observed);
  if (restored.kind === 'incomplete') {
    return `${what} cannot be restored: nobody knows ${restored.missing.join(', ')} any more`;
  }
  const isThere = observed.images.some(({ id }) => id === imageId);
  if (!isThere && digest === undefined) {
    return `${what} needs the image ${image} (${imageId}), which is not on the host any more`;
  }
  const networks = new Set([...stack.networks, ...observed.networks].map(({ name }) => name));
  const lacking = restored.service.spec.networks.find(({ network }) => !networks.has(network));
  return (
    lacking && `${what} needs the network ${lacking.network}, which is neither declared nor there any more`
  );
}

function describe({ service, target }: Choice): string {
  return `${service.name}: back to generation ${target.generation} (${target.image}) from ${service.generation}`;
}
