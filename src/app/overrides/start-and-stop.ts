import type { OverrideAnswer } from '#api/api-actions.ts';
import type { DesiredService } from '#domain/desired.ts';
import type { Override } from '#domain/history-overrides.ts';
import { isOwnedBy, serviceLabel, stackLabel } from '#domain/labels.ts';
import type { ObservedContainer, ObservedHost } from '#domain/observed.ts';
import { isActive } from '#domain/replica-steps.ts';
import { type OverrideDeps, refuse, type StackRequest } from './override-deps.ts';

const observeTimeoutMs = 8_000;

export function stopServices(request: StackRequest, { store, clock }: OverrideDeps): OverrideAnswer {
  const { stack, service } = request;
  // What was stopped one by one is now part of the whole.
  const stopped = listStopped(stack.name, store);
  if (service === undefined) for (const each of stopped) store.removeOverride(each);
  if (service === undefined || !stopped.some((each) => each.service === undefined)) {
    store.putOverride({ kind: 'stopped', ...toBase(request, clock.nowMs()) });
  }
  return { kind: 'accepted', changes: [`${service ?? stack.name}: to be stopped`] };
}

/** `start` ends a stop first, and raises what has ended; `restart` stops and starts what runs. */
export async function startAgain(
  request: StackRequest,
  action: 'start' | 'restart',
  deps: OverrideDeps,
): Promise<OverrideAnswer> {
  const { stack, service } = request;
  const { store, clock, observer } = deps;
  const stopped = listStopped(stack.name, store);
  const isStopped = stopped.some((each) => each.service === undefined || each.service === service);
  if (action === 'restart' && isStopped) {
    return refuse('BAD_REQUEST', `it is stopped: shorefast start ${stack.name}`);
  }
  const observed = await observer.observe(observer.mark(), AbortSignal.timeout(observeTimeoutMs));
  const containers = listConcerned(request, action, observed, deps.owner);
  if (action === 'start') endStop(request, stopped, deps);
  if (containers.length > 0) {
    store.putOverride({
      kind: action === 'start' ? 'started' : 'restarted',
      ...toBase(request, clock.nowMs()),
      containers: Object.fromEntries(containers.map(({ id, details }) => [id, details?.startedAtMs ?? 0])),
    });
  }
  return { kind: 'accepted', changes: containers.map(({ name }) => `${name}: to be ${action}ed`) };
}

/** One service of a stack that is stopped as a whole is taken out of it: the others stay stopped. */
function endStop(
  { stack, service }: StackRequest,
  stopped: readonly Override[],
  { store }: OverrideDeps,
): void {
  const whole = stopped.find((each) => each.service === undefined);
  for (const each of stopped) {
    if (service === undefined || each === whole || each.service === service) store.removeOverride(each);
  }
  if (service === undefined || whole === undefined) return;
  for (const { name } of stack.services) if (name !== service) store.putOverride({ ...whole, service: name });
}

function listConcerned(
  { stack, service }: StackRequest,
  action: 'start' | 'restart',
  { containers }: ObservedHost,
  owner: string,
): readonly ObservedContainer[] {
  const services = new Map(stack.services.map((each) => [each.name, each]));
  return containers
    .filter(({ labels, name }) => {
      const own = services.get(labels[serviceLabel] ?? '');
      if (!isOwnedBy(labels, owner) || labels[stackLabel] !== stack.name || own === undefined) return false;
      return own.containerNames.includes(name) && (service === undefined || service === own.name);
    })
    .filter((container) => {
      if (container.details === undefined) return false;
      if (action === 'restart') return isActive(container);
      return container.state === 'exited' && !isDone(container, services, service);
    });
}

/** A job that has done its work is run again only when it is named. */
function isDone(
  { labels, exitCode }: ObservedContainer,
  services: ReadonlyMap<string, DesiredService>,
  named: string | undefined,
): boolean {
  const service = services.get(labels[serviceLabel] ?? '');
  return named === undefined && service?.isJob === true && exitCode === 0;
}

function listStopped(stack: string, store: OverrideDeps['store']): readonly Override[] {
  return store.listOverrides(stack).filter(({ kind }) => kind === 'stopped');
}

function toBase({ stack, service, reason }: StackRequest, sinceMs: number) {
  const { name, contentHash } = stack;
  return { stack: name, reason, sinceMs, contentHash, ...(service !== undefined && { service }) };
}
