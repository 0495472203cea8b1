// What people ask of Shorefast beside Git, over its API.
import { buildOverrideActions } from '#app/overrides/override-actions.ts';
import type { Daemon } from './daemon.ts';
import type { Happening } from './script.ts';
import type { SimWorld } from './sim-world.ts';

/** Of one service, or of its whole stack. */
export async function ask(
  { daemon, tell }: SimWorld,
  { request: action, which, untilMs }: Happening & { kind: 'ask' },
): Promise<void> {
  if (daemon === undefined || daemon.isGone()) return;
  const stacks = daemon.source.current().apps.flatMap((app) => app.stacks);
  const stack = stacks[which % Math.max(1, stacks.length)];
  if (stack === undefined) return;
  const service = which % 3 === 0 ? undefined : stack.services[which % stack.services.length]?.name;
  const request =
    action === 'suspend'
      ? { action, ...(untilMs > 0 && { until: `${untilMs / 1000}s` }) }
      : { action, ...(service !== undefined && { service }) };
  const answer = await toActions(daemon).changeStack(stack.name, request);
  const said = answer.kind === 'accepted' ? answer.changes.join(', ') : answer.message;
  tell(`people: asked to ${action} ${stack.name} ${service ?? ''}: ${answer.kind}: ${said}`);
}

/** Git is to decide again, and what failed may be tried again. */
export async function resumeAll(daemon: Daemon): Promise<void> {
  const names = new Set(daemon.store.listOverrides().map(({ stack }) => stack));
  for (const name of names) await toActions(daemon).changeStack(name, { action: 'resume' });
}

function toActions(daemon: Daemon) {
  return buildOverrideActions({ ...daemon, owner: daemon.owner });
}
