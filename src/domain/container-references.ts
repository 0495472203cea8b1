// What a container shares with another one (network, processes, shared memory, volumes) stands for that other's id,
// and so lasts only as long as that container.
import type { ContainerSpec } from './container-spec.ts';
import type { DesiredStack } from './desired.ts';
import { isOwnedBy } from './labels.ts';
import type { ObservedContainer, ObservedHost } from './observed.ts';
import type { References } from './plan.ts';

export type ResolvedReferences = {
  readonly references: References;
  /** The first that there is no container for, as it is declared. */
  readonly missing: string | undefined;
  /** When the youngest container whose namespaces are shared was started; undefined when none is. */
  readonly startedAtMs: number | undefined;
};

type World = { readonly stack: DesiredStack; readonly observed: ObservedHost; readonly owner: string };

export function resolveReferences(spec: ContainerSpec, world: World): ResolvedReferences {
  const { networkMode: network, namespaces: { pid, ipc } = {}, volumesFrom = [] } = spec;
  const find = (mode: string | undefined) => findReferred(mode, world);
  const missing = [network, pid, ipc, ...volumesFrom].find(
    (mode) => isReference(mode) && find(mode) === undefined,
  );
  const startTimes = [network, pid, ipc].flatMap((mode) => find(mode)?.details?.startedAtMs ?? []);
  const resolve = (mode: string | undefined) =>
    isReference(mode) ? (find(mode) === undefined ? undefined : `container:${find(mode)?.id}`) : mode;
  const [pidMode, ipcMode] = [resolve(pid), resolve(ipc)];
  return {
    references: {
      networkMode: resolve(network ?? 'none') ?? '',
      ...(pidMode !== undefined && { pid: pidMode }),
      ...(ipcMode !== undefined && { ipc: ipcMode }),
      volumesFrom: volumesFrom.flatMap((mode) => resolve(mode) ?? []),
    },
    missing,
    startedAtMs: startTimes.length === 0 ? undefined : Math.max(...startTimes),
  };
}

/**
 * The first thing that a container shares with another container than the one that is meant now, by the name of its
 * attribute. What has not been inspected is taken to be right.
 */
export function findStaleReference(
  container: ObservedContainer,
  declared: ContainerSpec,
  { networkMode, pid, ipc, volumesFrom }: References,
): string | undefined {
  const found = container.details?.spec;
  if (isStale(networkMode, declared.networkMode, container.networkMode)) return 'network_mode';
  if (found === undefined) return undefined;
  if (isStale(pid, declared.namespaces?.pid, found.namespaces?.pid)) return 'pid';
  if (isStale(ipc, declared.namespaces?.ipc, found.namespaces?.ipc)) return 'ipc';
  const given = new Set(found.volumesFrom);
  const isShared = (mode: string, index: number) =>
    given.has(mode) || given.has(declared.volumesFrom?.[index] ?? '');
  return volumesFrom.every(isShared) ? undefined : 'volumes_from';
}

/** Docker Compose names a foreign container as it is declared, not by its id. */
function isStale(
  wanted: string | undefined,
  declared: string | undefined,
  found: string | undefined,
): boolean {
  return wanted?.startsWith('container:') === true && found !== wanted && found !== declared;
}

function isReference(mode: string | undefined): mode is string {
  return mode !== undefined && /^(service|container):/.test(mode);
}

/** A service stands for its first container; only one of our own may be taken for what the stack declares. */
function findReferred(
  mode: string | undefined,
  { stack, observed, owner }: World,
): ObservedContainer | undefined {
  if (!isReference(mode)) return undefined;
  const name = mode.slice(mode.indexOf(':') + 1);
  const ofService = stack.services.find((each) => each.name === name)?.containerNames[0];
  const shared = mode.startsWith('container:') ? name : ofService;
  // The policy lets a stack share what its own container has: a foreign one under that name is not meant.
  const isOwn = stack.services.some(({ containerNames }) => containerNames.includes(shared ?? ''));
  const isMeant = ({ labels }: ObservedContainer) => !isOwn || isOwnedBy(labels, owner);
  return observed.containers.find(
    (each) => (each.name === shared || (!isOwn && each.id === shared)) && isMeant(each),
  );
}
