import type { ContainerSpec, Device, Ulimit } from '#domain/container-spec.ts';
import { InvalidValue, type Place } from '../place.ts';
import { parseMemorySize } from '../text/memory-size.ts';
import { parseInteger } from '../text/parse-typed.ts';
import type { RawDevice, RawService, RawUlimit } from './compose-document.ts';
import { cleanPath } from './mounts.ts';
import { toRecord } from './pairs.ts';

type KernelSpec = Pick<
  ContainerSpec,
  'securityOpt' | 'groupAdd' | 'devices' | 'ulimits' | 'sysctls' | 'shmSizeBytes'
>;

/** What the container may do with the kernel beyond its own process. */
export function resolveKernel(raw: RawService, place: Place): KernelSpec {
  const each = <T, R>(entries: readonly T[] | undefined, at: Place, parse: (entry: T) => R): readonly R[] =>
    (entries ?? []).flatMap((entry, index) => at.at(index).attempt(() => [parse(entry)]) ?? []);
  const securityOpt = each(raw.security_opt, place.at('security_opt'), parseSecurityOpt);
  const groupAdd = [...new Set((raw.group_add ?? []).map(String))];
  const devices = each(raw.devices, place.at('devices'), parseDevice);
  const ulimits = resolveUlimits(raw.ulimits ?? {}, place.at('ulimits'));
  const sysctls = place.at('sysctls').attempt(() => toSysctls(raw.sysctls)) ?? {};
  const { shm_size: shmSize } = raw;
  const shmSizeBytes =
    shmSize === undefined ? undefined : place.at('shm_size').attempt(() => parseMemorySize(shmSize));
  return {
    ...(securityOpt.length > 0 && { securityOpt: [...new Set(securityOpt)] }),
    ...(groupAdd.length > 0 && { groupAdd }),
    ...(devices.length > 0 && { devices }),
    ...(ulimits.length > 0 && { ulimits }),
    ...(Object.keys(sysctls).length > 0 && { sysctls }),
    ...(shmSizeBytes && { shmSizeBytes }),
  };
}

function parseSecurityOpt(option: string): string {
  const profile = /^seccomp[:=](.*)$/.exec(option)?.[1];
  if (profile === undefined || profile === 'unconfined' || profile === 'builtin') return option;
  throw new InvalidValue(
    `a seccomp profile from a file is not supported, found "${option}"`,
    'known: seccomp=unconfined, seccomp=builtin',
  );
}

/** `source[:target[:permissions]]`, or a mapping. */
function parseDevice(raw: string | RawDevice): Device {
  const { source, target, permissions = 'rwm' } = typeof raw === 'string' ? splitDevice(raw) : raw;
  const inContainer = target || source;
  if (!source.startsWith('/') || !inContainer.startsWith('/')) {
    throw new InvalidValue(`expected absolute paths, found "${source}:${inContainer}"`);
  }
  if (!/^[rwm]{1,3}$/.test(permissions)) {
    throw new InvalidValue(`expected permissions of r, w and m, found "${permissions}"`);
  }
  return { source: cleanPath(source), target: cleanPath(inContainer), permissions };
}

function splitDevice(text: string): RawDevice {
  const [source = '', target, permissions, ...rest] = text.split(':');
  if (rest.length > 0) throw new InvalidValue(`expected source:target:permissions, found "${text}"`);
  return { source, ...(target && { target }), ...(permissions && { permissions }) };
}

function resolveUlimits(raw: Readonly<Record<string, RawUlimit>>, place: Place): readonly Ulimit[] {
  const limits = Object.entries(raw).flatMap(([name, limit]) => {
    const at = place.at(name);
    const [softRaw, hardRaw] = typeof limit === 'object' ? [limit.soft, limit.hard] : [limit, limit];
    const parse = (value: number | string) => at.attempt(() => parseInteger(value, -1));
    const [soft, hard] = [parse(softRaw), parse(hardRaw)];
    return soft === undefined || hard === undefined ? [] : [{ name, soft, hard }];
  });
  return limits.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function toSysctls(raw: RawService['sysctls']): Readonly<Record<string, string>> {
  const entries = Object.entries(toRecord(raw)).map(([name, value]) => {
    if (value === null) throw new InvalidValue(`the kernel parameter ${name} has no value`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}
