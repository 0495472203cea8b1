import type { DesiredStack } from './desired.ts';
import { isOwnedBy, serviceLabel, stackLabel } from './labels.ts';
import type { ObservedContainer, ObservedHost } from './observed.ts';
import { isActive } from './replica-steps.ts';

export type Startable = {
  readonly stack: DesiredStack;
  /** Absent: all of the stack. */
  readonly service: string | undefined;
  readonly owner: string;
};

/** The live containers of a stack or a service, as far as they have been inspected. */
function listLive({ stack, service, owner }: Startable, { containers }: ObservedHost) {
  const services = new Map(stack.services.map((each) => [each.name, each]));
  return containers.flatMap((container) => {
    const { labels, name, details } = container;
    const own = services.get(labels[serviceLabel] ?? '');
    const isOurs = isOwnedBy(labels, owner) && labels[stackLabel] === stack.name;
    if (!isOurs || own === undefined || details === undefined) return [];
    const isMeant = own.containerNames.includes(name) && (service === undefined || service === own.name);
    return isMeant ? [{ container, own }] : [];
  });
}

/** Those that have ended. A job that has done its work is run again only when it is named. */
export function listStartable(what: Startable, observed: ObservedHost): readonly ObservedContainer[] {
  return listLive(what, observed)
    .filter(({ container, own }) => {
      const isDone = own.isJob && container.exitCode === 0 && what.service === undefined;
      return container.state === 'exited' && !isDone;
    })
    .map(({ container }) => container);
}

/** Those that run. */
export function listRestartable(what: Startable, observed: ObservedHost): readonly ObservedContainer[] {
  return listLive(what, observed)
    .map(({ container }) => container)
    .filter(isActive);
}

/** By container, when it had last been started: what an override of `started` or `restarted` asks for. */
export function toLastStarts(containers: readonly ObservedContainer[]): Readonly<Record<string, number>> {
  return Object.fromEntries(containers.map(({ id, details }) => [id, details?.startedAtMs ?? 0]));
}
