// What holds a container apart from the host and from others.
import type { FieldPair } from './compare-fields.ts';
import { compareSet } from './compare-values.ts';
import type { ContainerSpec, DeviceRequest, Namespaces } from './container-spec.ts';

/** Undeclared, an engine has defaults of its own for `ipc` and `cgroup`. */
export function compareNamespaces(wanted: Namespaces = {}, found: Namespaces = {}): readonly FieldPair[] {
  return [
    ['pid', toOwnMode(wanted.pid ?? ''), toPrivate(found.pid)],
    ['ipc', toOwnMode(wanted.ipc), found.ipc ?? ''],
    ['uts', wanted.uts ?? '', toPrivate(found.uts)],
    ['userns_mode', wanted.user ?? '', toPrivate(found.user)],
    ['cgroup', wanted.cgroup, found.cgroup ?? ''],
  ];
}

/** Podman has a word for a namespace of its own. */
function toPrivate(mode = ''): string {
  return mode === 'private' ? '' : mode;
}

/** Another container's name may be an id: whether it is the right one is told by container-references.ts. */
function toOwnMode(mode: string | undefined): string | undefined {
  return mode === undefined || /^(service|container):/.test(mode) ? undefined : mode;
}

export function compareDeviceRequests(
  wanted: readonly DeviceRequest[] = [],
  found: readonly DeviceRequest[] = [],
): readonly FieldPair[] {
  return compareSet('device_requests', wanted.map(formatRequest), found.map(formatRequest));
}

function formatRequest({
  driver = '',
  count = 0,
  deviceIds = [],
  capabilities,
  options = {},
}: DeviceRequest): string {
  const sets = capabilities.map((set) => set.toSorted().join('+')).join('|');
  const settings = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  return [driver, count, deviceIds.join('+'), sets, settings.toSorted().join('+')].join(':');
}

/** How many containers: which ones is told by container-references.ts. */
export function compareVolumesFrom(
  { volumesFrom: wanted = [] }: ContainerSpec,
  found: ContainerSpec,
): FieldPair {
  return ['volumes_from', String(wanted.length), String(found.volumesFrom?.length ?? 0)];
}

/** The names under which others are known here; an engine leaves the rest of it out, or rewrites it. */
export function compareLinks(
  { links: wanted = [] }: ContainerSpec,
  found: ContainerSpec,
): readonly FieldPair[] {
  const given = new Set(found.links?.map(({ alias }) => alias));
  const absent = wanted.map(({ alias }) => alias).filter((alias) => !given.has(alias));
  return absent.length === 0 ? [] : [['links', absent.toSorted().join(' '), [...given].toSorted().join(' ')]];
}
