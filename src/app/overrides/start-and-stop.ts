import type { OverrideAnswer } from '#api/api-actions.ts';
import type { Override } from '#domain/history-overrides.ts';
import { listRestartable, listStartable, toLastStarts } from '#domain/list-startable.ts';
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
  const what = { stack, service, owner: deps.owner };
  const list = action === 'start' ? listStartable : listRestartable;
  const containers = list(what, observed);
  if (action === 'start') endStop(request, stopped, deps);
  if (containers.length > 0) {
    store.putOverride({
      kind: action === 'start' ? 'started' : 'restarted',
      ...toBase(request, clock.nowMs()),
      containers: toLastStarts(containers),
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

function listStopped(stack: string, store: OverrideDeps['store']): readonly Override[] {
  return store.listOverrides(stack).filter(({ kind }) => kind === 'stopped');
}

function toBase({ stack, service, reason }: StackRequest, sinceMs: number) {
  const { name, contentHash } = stack;
  return { stack: name, reason, sinceMs, contentHash, ...(service !== undefined && { service }) };
}
