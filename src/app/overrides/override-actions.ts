// What people lay over Git, asked for over the API. Everything is recorded first and done by the loop: a daemon
// that is killed in between goes on with it.
import type { OverrideActions, OverrideAnswer, OverrideRequest } from '#api/api-actions.ts';
import type { Override } from '#domain/history-overrides.ts';
import { Failure } from '#ports/failure.ts';
import { type OverrideDeps, refuse, type StackRequest } from './override-deps.ts';
import { parseUntil } from './parse-until.ts';
import { rollBack } from './roll-back.ts';
import { startAgain, stopServices } from './start-and-stop.ts';

export function buildOverrideActions(deps: OverrideDeps): OverrideActions {
  return {
    async changeStack(name, request) {
      if (!deps.loop.hasStack(name)) return refuse('STACK_NOT_FOUND', `there is no stack ${name}`);
      try {
        const answer = await change(name, request, deps);
        deps.loop.trigger('manual', name);
        return answer;
      } catch (error) {
        // The engine could not be asked what runs: nothing was recorded.
        if (error instanceof Failure && error.code.startsWith('ENGINE_')) {
          return refuse('ENGINE_UNAVAILABLE', error.message);
        }
        throw error;
      }
    },
    approve({ token }) {
      if (!deps.approvals.isWaiting(token)) {
        return refuse(
          'APPROVAL_NOT_FOUND',
          `nothing waits for an approval of ${token}; status shows what does`,
        );
      }
      deps.approvals.approve(token);
      deps.loop.trigger('manual');
      return { kind: 'accepted', changes: [] };
    },
  };
}

async function change(name: string, request: OverrideRequest, deps: OverrideDeps): Promise<OverrideAnswer> {
  if (request.action === 'suspend') return suspend(name, request, deps);
  if (request.action === 'resume') return resume(name, request.service, deps);
  const stack = deps.source.stack(name);
  if (stack === undefined) {
    return refuse('STACK_NOT_FOUND', `Git does not declare the stack ${name} any more`);
  }
  const { service, reason = '' } = request;
  if (service !== undefined && !stack.services.some((each) => each.name === service)) {
    return refuse('SERVICE_NOT_FOUND', `${name} has no service ${service}`);
  }
  const on: StackRequest = { stack, service, reason };
  switch (request.action) {
    case 'rollback':
      return rollBack(on, request.to, deps);
    case 'stop':
      return stopServices(on, deps);
    case 'start':
    case 'restart':
      return startAgain(on, request.action, deps);
  }
}

function suspend(
  stack: string,
  { until, reason = '' }: { readonly until?: string; readonly reason?: string },
  { store, clock }: OverrideDeps,
): OverrideAnswer {
  const nowMs = clock.nowMs();
  const untilMs = until === undefined ? undefined : parseUntil(until, nowMs);
  if (typeof untilMs === 'string') return refuse('BAD_REQUEST', untilMs);
  store.putOverride({
    kind: 'suspended',
    stack,
    reason,
    sinceMs: nowMs,
    ...(untilMs !== undefined && { untilMs }),
  });
  const end = untilMs === undefined ? 'until it is resumed' : `until ${new Date(untilMs).toISOString()}`;
  return { kind: 'accepted', changes: [`${stack}: suspended ${end}`] };
}

/** Back to Git alone; what failed before may be tried again, and what was stopped is started. */
async function resume(
  name: string,
  service: string | undefined,
  deps: OverrideDeps,
): Promise<OverrideAnswer> {
  const { store, holds, source } = deps;
  const ended = store.listOverrides(name).filter((each) => service === undefined || each.service === service);
  const stack = source.stack(name);
  const isStopped = ended.some(({ kind }) => kind === 'stopped');
  if (stack !== undefined && isStopped) await startAgain({ stack, service, reason: '' }, 'start', deps);
  for (const override of ended) {
    if (override.kind !== 'started') store.removeOverride(override);
  }
  const released = holds.release(name, service);
  return {
    kind: 'accepted',
    changes: [
      ...ended.map((each) => `${nameOf(each)}: no longer ${each.kind}`),
      ...released.map((each) => `${each.service}: generation ${each.generation} may be tried again`),
    ],
  };
}

function nameOf({ stack, service }: Override): string {
  return service ?? stack;
}
