// What has been seen of every container: the invariants are about what was, as much as about what is.
import {
  appLabel,
  composeLabels,
  nameLabel,
  ownerLabel,
  replicaLabel,
  serviceLabel,
  stackLabel,
} from '#domain/labels.ts';
import { testOwner } from '#test/support/builders.ts';
import type { MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import type { MemoryEngine } from '#test/support/memory-engine.ts';
import type { SimClock } from './sim-clock.ts';

export type Actor = 'us' | 'people' | 'engine';

export type Past = {
  startedBy: Actor;
  startedAtMs: number;
  /** When it was last seen ready, monotonic. */
  readyAtMs: number;
  /** It was ready under the canonical name. */
  hasServed: boolean;
  /** When it was given up for a successor, monotonic. */
  retiredAtMs: number;
  /** When a call took its name or itself away because of drift, monotonic. */
  replacedAtMs: number;
  /** When it last ended, monotonic. */
  endedAtMs: number;
  /** When people last gave it another name, monotonic. */
  renamedAtMs: number;
};

export type Witness = {
  /** Who is at work. */
  actor: Actor;
  readonly pasts: ReadonlyMap<string, Past>;
  pastOf(container: MemoryContainer): Past;
  /** Notes who is ready, and who bears the name while it is. */
  look(): void;
  /** Somebody laid hands on it: what comes of that is no fault of its version. */
  touch(container: MemoryContainer): void;
  /** When somebody last laid hands on it, or on another one of its replica. Monotonic. */
  touchedAtMs(container: MemoryContainer): number;
  /** The same of a replica, by its key: what people have removed is no container any more. */
  touchedReplicaAtMs(key: string): number;
  isExcused(version: Version): boolean;
  excuse(version: Version): void;
};

export type Version = { readonly service: string; readonly imageId: string };

/** A second more than what is asked of them, so that those who count it otherwise have come to it, too. */
const settledMs = 3_000;
const neverMs = Number.NEGATIVE_INFINITY;

export function createWitness(engine: MemoryEngine, { monotonicMs, after }: SimClock): Witness {
  const pasts = new Map<string, Past>();
  const excused = new Set<string>();
  const touched = new Map<string, number>();
  const witness: Witness = {
    actor: 'engine',
    pasts,
    pastOf(container) {
      const known = pasts.get(container.id);
      if (known !== undefined) return known;
      const past: Past = {
        startedBy: 'engine',
        startedAtMs: neverMs,
        readyAtMs: neverMs,
        hasServed: false,
        retiredAtMs: neverMs,
        replacedAtMs: neverMs,
        endedAtMs: neverMs,
        renamedAtMs: neverMs,
      };
      pasts.set(container.id, past);
      return past;
    },
    look() {
      for (const container of engine.containers.values()) {
        if (!isReady(container, witness, monotonicMs())) continue;
        const past = witness.pastOf(container);
        past.readyAtMs = monotonicMs();
        if (container.name === seenLabels(container)[nameLabel]) past.hasServed = true;
      }
    },
    touch: (container) => void touched.set(toReplicaKey(container), monotonicMs()),
    touchedAtMs: (container) => witness.touchedReplicaAtMs(toReplicaKey(container)),
    touchedReplicaAtMs: (key) => touched.get(key) ?? neverMs,
    isExcused: (version) => excused.has(toKey(version)),
    excuse: (version) => void excused.add(toKey(version)),
  };
  engine.listen(({ action, containerId }) => {
    const container = engine.containers.get(containerId ?? '');
    if (container === undefined) return;
    if (action === 'health_status: healthy') witness.look();
    const past = witness.pastOf(container);
    if (action === 'rename') witness.look();
    if (action === 'rename' && isRetired(container)) past.retiredAtMs = monotonicMs();
    if (action === 'rename' && witness.actor === 'people') past.renamedAtMs = monotonicMs();
    if (action === 'die') past.endedAtMs = monotonicMs();
    if (action !== 'start') return;
    past.startedBy = witness.actor;
    past.startedAtMs = monotonicMs();
    after(settledMs, witness.look);
  });
  return witness;
}

/** It bears the name of one that was replaced. */
export function isRetired({ name, id }: MemoryContainer): boolean {
  return name.endsWith(`--old-${id.slice(0, 8)}`);
}

/** A container may be as good as one of another generation. */
function toKey({ service, imageId }: Version): string {
  return `${service} ${imageId}`;
}

export function toVersion({ labels, imageId }: MemoryContainer): Version {
  return { service: labels[serviceLabel] ?? '', imageId };
}

/** Beyond doubt. */
export function isReady(container: MemoryContainer, witness: Witness, nowMs: number): boolean {
  if (container.state !== 'running') return false;
  if (container.health !== undefined) return container.health === 'healthy';
  return nowMs - witness.pastOf(container).startedAtMs >= settledMs;
}

/** For all one can tell. */
export function mayBeReady(container: MemoryContainer): boolean {
  return container.state === 'running' && (container.health === undefined || container.health === 'healthy');
}

/** Made by Docker Compose, and maybe taken over. */
export function isOfCompose({ labels }: MemoryContainer): boolean {
  return labels[ownerLabel] === undefined && labels[composeLabels.service] !== undefined;
}

/** Of what Docker Compose made, the labels that it would have if it were ours. */
export function seenLabels(container: MemoryContainer): MemoryContainer['labels'] {
  const { labels } = container;
  if (!isOfCompose(container)) return labels;
  const known = labelsOfCompose.get(labels);
  if (known !== undefined) return known;
  const project = labels[composeLabels.project] ?? '';
  const service = labels[composeLabels.service] ?? '';
  const replica = labels[composeLabels.number] ?? '';
  const seen = {
    ...labels,
    [appLabel]: project,
    [stackLabel]: project,
    [serviceLabel]: service,
    [replicaLabel]: replica,
    [nameLabel]: `${project}-${service}-${replica}`,
  };
  labelsOfCompose.set(labels, seen);
  return seen;
}

const labelsOfCompose = new WeakMap<MemoryContainer['labels'], MemoryContainer['labels']>();

export function isOurs({ labels }: MemoryContainer): boolean {
  return labels['shorefast.owner'] === testOwner;
}

/** The other containers of the same replica, copies by other hands left out. */
export function peersOf(engine: MemoryEngine, container: MemoryContainer): readonly MemoryContainer[] {
  const key = toReplicaKey(container);
  return [...engine.containers.values()].filter(
    (each) =>
      each !== container &&
      (isOurs(each) || isOfCompose(each)) &&
      toReplicaKey(each) === key &&
      !each.name.startsWith('mine-'),
  );
}

export function toReplicaKey(container: MemoryContainer): string {
  const labels = seenLabels(container);
  return `${labels[stackLabel]}/${labels[serviceLabel]}/${labels[replicaLabel]}`;
}
