// What people have laid over the declaration of a stack: what is aimed at instead, and how status says so.
// Nothing is decided here that Git could undo silently: every override is in the plan, as a block with its end.
import type { DesiredService, DesiredStack } from './desired.ts';
import type { Override } from './history-overrides.ts';
import type { ObservedHost } from './observed.ts';
import type { Block, Cause, Plan } from './plan.ts';
import type { RestoredService } from './restore-service.ts';

export type LaidOver = {
  /** What is aimed at. */
  readonly stack: DesiredStack | undefined;
  readonly suspended: Override | undefined;
  readonly setAside: Readonly<Record<string, SetAside>>;
  readonly requests: Readonly<Record<string, StartRequest>>;
  readonly blocks: readonly Block[];
};

/** `stop`: its containers are to be stopped. `leave`: what it is to be is not known, so nothing is done to it. */
export type SetAside = { readonly how: 'stop' | 'leave'; readonly cause: Cause };

/** The container is to have another start than this one. */
export type StartRequest = { readonly startedAtMs: number; readonly cause: Cause };

/** Whether an override has come to its end: by its time, by Git, or because it is done. */
export function isOver(
  override: Override,
  declared: DesiredStack | undefined,
  observed: ObservedHost,
  nowMs: number,
): boolean {
  const { kind, untilMs, target, containers } = override;
  if (untilMs !== undefined && nowMs >= untilMs) return true;
  if (containers !== undefined && !hasRequested(containers, observed)) return true;
  // What Git does not declare at present may only be unreadable.
  if (kind === 'suspended' || declared === undefined) return false;
  if (target === undefined) return override.contentHash !== declared.contentHash;
  const service = declared.services.find(({ name }) => name === override.service);
  return service?.generation !== target.declared;
}

function hasRequested(containers: Readonly<Record<string, number>>, observed: ObservedHost): boolean {
  return observed.containers.some(({ id, details }) => {
    const startedAtMs = containers[id];
    return startedAtMs !== undefined && (details === undefined || details.startedAtMs === startedAtMs);
  });
}

/** `restore` gives what a service is to be again; overrides that are over are not given to this. */
export function layOverrides(
  declared: DesiredStack | undefined,
  overrides: readonly Override[],
  restore: (service: DesiredService, override: Override) => RestoredService,
): LaidOver {
  const suspended = overrides.find(({ kind }) => kind === 'suspended');
  const requests = Object.assign({}, ...overrides.map(toRequests)) as Record<string, StartRequest>;
  const laid = { suspended, requests };
  if (declared === undefined) return { ...laid, stack: undefined, setAside: {}, blocks: [] };
  const setAside: Record<string, SetAside> = {};
  const blocks: Block[] = [];
  const services = declared.services.map((service) => {
    const stopped = overrides.find((each) => each.kind === 'stopped' && isOf(each, service));
    const rolledBack = overrides.find((each) => each.kind === 'rolled-back' && isOf(each, service));
    if (stopped !== undefined) {
      setAside[service.name] = { how: 'stop', cause: toRequestCause('stop', stopped) };
      blocks.push(toStoppedBlock(declared, service, stopped));
    }
    if (rolledBack === undefined) return service;
    const restored = restore(service, rolledBack);
    const missing = restored.kind === 'restored' ? [] : restored.missing;
    blocks.push(toRolledBackBlock(declared, service, rolledBack, missing));
    if (restored.kind === 'restored') return restored.service;
    setAside[service.name] ??= { how: 'leave', cause: toRequestCause('rollback', rolledBack) };
    return service;
  });
  return { ...laid, stack: { ...declared, services }, setAside, blocks };
}

/** The plan with what people have to know of it; of a suspended stack, drift and health are all that is left. */
export function tellOverrides(plan: Plan, { suspended, blocks }: LaidOver): Plan {
  if (suspended === undefined) return { ...plan, blocks: [...plan.blocks, ...blocks] };
  const { stack, differences, probes } = plan;
  const { untilMs } = suspended;
  const block: Block = {
    lane: `stack:${stack}`,
    reason: 'Suspended',
    message: `suspended${toEnd(suspended)}${toReason(suspended)}`,
    unblock: `shorefast resume ${stack}`,
  };
  const rest = { findings: [], steps: [], waits: [], blocks: [block], differences, probes };
  return { stack, ...rest, ...(untilMs !== undefined && { dueAtMs: untilMs }) };
}

const told = new Set<Block['reason']>(['RolledBack', 'Stopped', 'Suspended']);

/** Whether a block only says what people have asked for. */
export function isOverrideBlock({ reason }: Block): boolean {
  return told.has(reason);
}

function isOf({ service }: Override, { name }: DesiredService): boolean {
  return service === undefined || service === name;
}

function toRequests(override: Override): Readonly<Record<string, StartRequest>> {
  const cause = toRequestCause(override.kind === 'started' ? 'start' : 'restart', override);
  return Object.fromEntries(
    Object.entries(override.containers ?? {}).map(([id, startedAtMs]) => [id, { startedAtMs, cause }]),
  );
}

function toRequestCause(what: string, override: Override): Cause {
  return { reason: 'Requested', message: `${what} was asked for${toReason(override)}` };
}

function toStoppedBlock({ name: stack }: DesiredStack, service: DesiredService, stopped: Override): Block {
  const only = stopped.service === undefined ? '' : ` ${service.name}`;
  return {
    lane: `service:${service.name}`,
    reason: 'Stopped',
    message: `${service.name} is stopped by request${toReason(stopped)}`,
    unblock: `a new revision that changes the stack, or: shorefast start ${stack}${only}`,
  };
}

function toRolledBackBlock(
  { name: stack }: DesiredStack,
  service: DesiredService,
  override: Override,
  missing: readonly string[],
): Block {
  const { generation = '', image = '' } = override.target ?? {};
  const goal = `generation ${generation} (${image}); Git wants ${service.generation} (${service.spec.image})`;
  const lack = missing.length === 0 ? '' : `; not done: nobody knows ${missing.join(', ')} any more`;
  return {
    lane: `service:${service.name}`,
    reason: 'RolledBack',
    message: `${service.name} is rolled back to ${goal}${toReason(override)}${lack}`,
    unblock: `a new revision that changes it, or: shorefast resume ${stack}`,
  };
}

function toReason({ reason }: Override): string {
  return reason === '' ? '' : `: ${reason}`;
}

function toEnd({ untilMs }: Override): string {
  return untilMs === undefined ? '' : ` until ${new Date(untilMs).toISOString()}`;
}
