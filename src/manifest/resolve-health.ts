import type { DesiredService, DesiredStack } from '#domain/desired.ts';
import type { Probe } from '#domain/probe.ts';
import type { Variables } from './compose/load/reading.ts';
import { hashContent } from './content-hash.ts';
import type { DeliverySpec, HealthDocument, HealthTimes } from './documents.ts';
import type { Place } from './place.ts';
import { resolveCheck } from './resolve-check.ts';
import { parseDuration } from './text/duration.ts';

/** What the fleet says of all checks. */
export type HealthDefaults = { readonly intervalMs: number; readonly timeoutMs: number };

export const defaultHealth: HealthDefaults = { intervalMs: 1000, timeoutMs: 5000 };
/** Shorter, and asking would be a load of its own. */
const shortestIntervalMs = 100;

type Scene = {
  readonly isShorthand: boolean;
  readonly defaults: HealthDefaults;
  readonly variables: Variables;
  /** Of `health`. */
  readonly place: Place;
};

/** The stack with the checks that its services have to pass. What is wrong is told at its place. */
export function withHealth(stack: DesiredStack, health: DeliverySpec['health'], scene: Scene): DesiredStack {
  if (health === undefined) return stack;
  const { isShorthand, place } = scene;
  const byService = (isShorthand ? { [stack.app]: health } : health) as Readonly<
    Record<string, HealthDocument>
  >;
  const names = stack.services.map(({ name }) => name);
  for (const name of Object.keys(byService)) {
    if (names.includes(name)) continue;
    place.at(name).error(`there is no service "${name}"`, `there is ${names.join(', ')}`);
  }
  const services = stack.services.map((service) => {
    const own = Object.hasOwn(byService, service.name) ? byService[service.name] : undefined;
    const at = isShorthand ? place : place.at(service.name);
    return own === undefined ? service : toChecked(service, own, { ...scene, place: at });
  });
  return { ...stack, services };
}

function toChecked(service: DesiredService, health: HealthDocument, scene: Scene): DesiredService {
  const { place, defaults } = scene;
  if (service.isJob) {
    place.error(`"${service.name}" is a job: it is ready when it has ended with exit code 0`);
    return service;
  }
  const check = resolveCheck(health, { service, ...scene });
  const { intervalMs, timeoutMs } = resolveTimes(health, defaults, place);
  const deadlineMs = readDuration(health.deadline, place.at('deadline')) ?? service.readyDeadlineMs;
  if (check === undefined) return service;
  const probe: Probe = { check, intervalMs, timeoutMs, id: toId(check) };
  return { ...service, readyDeadlineMs: deadlineMs, probe };
}

export function resolveTimes(times: HealthTimes, defaults: HealthDefaults, place: Place): HealthDefaults {
  const intervalMs = readDuration(times.interval, place.at('interval')) ?? defaults.intervalMs;
  const timeoutMs = readDuration(times.timeout, place.at('timeout')) ?? defaults.timeoutMs;
  return { intervalMs: Math.max(shortestIntervalMs, intervalMs), timeoutMs };
}

function readDuration(text: string | undefined, place: Place): number | undefined {
  if (text === undefined) return undefined;
  const ms = place.attempt(() => parseDuration(text));
  if (ms !== 0) return ms;
  place.error('expected a duration above 0');
  return undefined;
}

/** It is kept beside a hold: so nothing of it is a secret, or a hash of one. */
function toId(check: Probe['check']): string {
  const {
    password: _password,
    headers = {},
    ...rest
  } = check as Probe['check'] & {
    readonly password?: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
  return hashContent({ ...rest, headers: Object.keys(headers).toSorted() }).slice(0, 12);
}
