// Host ports that go from one service to another in one commit. Mostly the one that gives is replaced first, and the
// one that takes waits for that. Where the giver itself waits for the taker, because it depends on it or is to have a
// port of it in return, both would wait for ever: then one of them is stopped before its successor has proved itself.
import { hasGivenName, isRetiredName } from './container-names.ts';
import type { PortBinding } from './container-spec.ts';
import type { DesiredService } from './desired.ts';
import { isSamePort } from './is-same-port.ts';
import { isOwnedBy, replicaLabel, serviceLabel, stackLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import type { Cause, Step } from './plan.ts';
import { type PlanPart, toPart } from './plan-part.ts';
import type { Scene } from './plan-scene.ts';
import { isSameDeclaration } from './replica-roles.ts';
import { isActive, stop } from './replica-steps.ts';

/** `holder` stands on a host port that it is to give up, and `awaiting` was made and cannot start for it. */
type Handover = {
  readonly holder: ObservedContainer;
  readonly awaiting: ObservedContainer;
  readonly port: PortBinding;
};
/** By replica: those that it waits for. */
type Waits = ReadonlyMap<string, ReadonlySet<string>>;

/** `unmet`: of each service that has to wait for another one, that one. */
export function planHandovers(scene: Scene, unmet: ReadonlyMap<string, string>): PlanPart {
  const handovers = findHandovers(scene);
  if (handovers.length === 0) return toPart({});
  const waits = toWaits(handovers, scene, unmet);
  const deadlocked = handovers.filter((each) => isWithin(waits, each.awaiting, each.holder));
  const steps = deadlocked
    .filter(({ holder }) => mayStop(holder, scene) && isFirst(holder, deadlocked, waits))
    .flatMap(toSteps);
  return toPart({ steps });
}

function findHandovers(scene: Scene): readonly Handover[] {
  const { containers } = scene.observed;
  const awaiting = containers.filter((each) => isAwaiting(each, scene));
  return awaiting.flatMap((each) =>
    listPorts(each).flatMap((port) =>
      containers
        .filter(
          (holder) =>
            holder.publishedPorts.some((held) => isSamePort(port, held)) &&
            isOwnedBy(holder.labels, scene.context.owner) &&
            toKey(holder) !== toKey(each) &&
            givesUp(holder, port, awaiting, scene),
        )
        .map((holder) => ({ holder, awaiting: each, port })),
    ),
  );
}

/**
 * To be started: of this stack, it is as declared. Of another one, it was made and never started, or it was kept to go
 * back to and was given its restart policy again.
 */
function isAwaiting(container: ObservedContainer, { stack, context }: Scene): boolean {
  const { labels, state, details } = container;
  if (!isOwnedBy(labels, context.owner) || !hasGivenName(container)) return false;
  if ((state !== 'created' && state !== 'exited') || listPorts(container).length === 0) return false;
  if (labels[stackLabel] !== stack.name) {
    return state === 'created' || (isRetiredName(container) && details?.restartPolicy.name !== 'no');
  }
  const service = findService(container, stack.services);
  return service !== undefined && isSameDeclaration(container, service);
}

/** Of another stack, what is declared shows only in what was made for it. */
function givesUp(
  holder: ObservedContainer,
  port: PortBinding,
  awaiting: readonly ObservedContainer[],
  { stack }: Scene,
): boolean {
  const ports =
    holder.labels[stackLabel] === stack.name
      ? findService(holder, stack.services)?.spec.ports
      : awaiting.filter((each) => toKey(each) === toKey(holder)).map(listPorts)[0];
  return ports !== undefined && !ports.some((each) => isSameBinding(each, port));
}

function isSameBinding(one: PortBinding, other: PortBinding): boolean {
  return isSamePort(one, { ...other, hostPort: Number(other.hostPort) });
}

function toWaits(handovers: readonly Handover[], scene: Scene, unmet: ReadonlyMap<string, string>): Waits {
  const { name, services } = scene.stack;
  const waits = new Map<string, Set<string>>();
  const add = (from: string, to: string) => void waits.set(from, (waits.get(from) ?? new Set()).add(to));
  for (const { awaiting, holder } of handovers) add(toKey(awaiting), toKey(holder));
  for (const [waiting, awaited] of unmet) {
    for (const from of toKeys(name, waiting, services)) {
      for (const to of toKeys(name, awaited, services)) add(from, to);
    }
  }
  return waits;
}

function toKeys(stack: string, service: string, services: readonly DesiredService[]): readonly string[] {
  const { containerNames = [] } = services.find(({ name }) => name === service) ?? {};
  return containerNames.map((_, index) => `${stack}/${service}/${index + 1}`);
}

function toKey({ labels }: ObservedContainer): string {
  return `${labels[stackLabel]}/${labels[serviceLabel]}/${labels[replicaLabel]}`;
}

/** Whether the one waits, however indirectly, for the other, and the other for it. */
function isWithin(waits: Waits, one: ObservedContainer, other: ObservedContainer): boolean {
  return reaches(waits, toKey(one), toKey(other)) && reaches(waits, toKey(other), toKey(one));
}

function reaches(waits: Waits, from: string, to: string): boolean {
  const seen = new Set([from]);
  for (const key of seen) {
    if (waits.get(key)?.has(to) === true) return true;
    for (const next of waits.get(key) ?? []) seen.add(next);
  }
  return false;
}

/** One is enough, and every stack that takes part has to come to the same one. */
function isFirst(holder: ObservedContainer, deadlocked: readonly Handover[], waits: Waits): boolean {
  const rivals = deadlocked.filter(
    (each) => toKey(each.holder) !== toKey(holder) && isWithin(waits, each.holder, holder),
  );
  return rivals.every((each) => toKey(holder) < toKey(each.holder));
}

function mayStop(holder: ObservedContainer, { stack, context }: Scene): boolean {
  const service = findService(holder, stack.services);
  return (
    holder.labels[stackLabel] === stack.name &&
    service !== undefined &&
    context.setAside?.[service.name] === undefined &&
    hasGivenName(holder) &&
    holder.id !== context.selfContainerId &&
    isActive(holder)
  );
}

function toSteps({ holder, awaiting, port }: Handover): readonly Step[] {
  const { [serviceLabel]: service, [replicaLabel]: replica } = holder.labels;
  const what = `host port ${port.hostPort}/${port.protocol}`;
  const cause: Cause = {
    reason: 'SpecChanged',
    message: `${what} goes to ${awaiting.name}, and neither can be replaced before the other`,
    path: 'ports',
    order: `stop-first: it gives ${what} to ${awaiting.name}`,
  };
  return stop(`service:${service}/${replica}`, holder, cause);
}

function findService(
  { labels }: ObservedContainer,
  services: readonly DesiredService[],
): DesiredService | undefined {
  return services.find(({ name }) => name === labels[serviceLabel]);
}

/** Fixed ones: of those that the engine chooses there are always others. */
function listPorts({ details }: ObservedContainer): readonly PortBinding[] {
  return (details?.spec?.ports ?? []).filter(({ hostPort }) => /^\d+$/.test(hostPort));
}
