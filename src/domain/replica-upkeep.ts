// What is changed in a container without making a new one.
import type { Limits } from './container-spec.ts';
import { copyFiles } from './deliver-files.ts';
import type { Readiness } from './judge-readiness.ts';
import type { ObservedContainer } from './observed.ts';
import type { Cause, Step, UpdatableLimits } from './plan.ts';
import { type Aliases, type Replica, toAttachments } from './replica.ts';
import { isActive, toTarget } from './replica-steps.ts';
import { isSamePolicy } from './restart-policy.ts';

/** Whether they were copied before does not show until it was started, and copying twice does no harm. */
export function copyAgain(
  { lane, service }: Replica,
  chosen: ObservedContainer,
  cause: Cause,
): readonly Step[] {
  return chosen.state === 'created' ? copyFiles(lane, toTarget(chosen), service.spec, cause) : [];
}

/** `lacking`: networks. */
export function connectTo(
  replica: Replica,
  chosen: ObservedContainer,
  lacking: { has(network: string): boolean },
  { aliases, causeOf }: { readonly aliases: Aliases; readonly causeOf: (path: string) => Cause },
): readonly Step[] {
  return toAttachments(replica, aliases)
    .filter(({ network }) => lacking.has(network))
    .map((attachment) => ({
      kind: 'connect-network',
      lane: replica.lane,
      target: toTarget(chosen),
      attachment,
      cause: causeOf(`networks.${attachment.network}`),
    }));
}

/** Aliases and addresses cannot be changed where it is connected: it is taken off the network and put back. */
export function reconnectTo(
  replica: Replica,
  chosen: ObservedContainer,
  which: { has(network: string): boolean },
  { aliases, causeOf }: { readonly aliases: Aliases; readonly causeOf: (network: string) => Cause },
): readonly Step[] {
  const { lane } = replica;
  const target = toTarget(chosen);
  return toAttachments(replica, aliases)
    .filter(({ network }) => which.has(network))
    .flatMap((attachment): readonly Step[] => {
      const { network } = attachment;
      const cause = causeOf(network);
      return [
        { kind: 'disconnect-network', lane, target, network, cause },
        { kind: 'connect-network', lane, target, attachment, cause },
      ];
    });
}

export function raise(
  replica: Replica,
  chosen: ObservedContainer,
  readiness: Readiness,
  cause: Cause,
): readonly Step[] {
  const { lane } = replica;
  const target = toTarget(chosen);
  if (chosen.state === 'paused') return [{ kind: 'unpause-container', lane, target, cause }];
  if (readiness.kind === 'stopped') return [{ kind: 'start-container', lane, target, cause }];
  const request = findRequest(replica, chosen);
  if (request !== undefined) {
    return [
      ...(isActive(chosen) ? [{ kind: 'stop-container', lane, target, cause: request } as const] : []),
      { kind: 'start-container', lane, target, cause: request },
    ];
  }
  if (!hasStaleNamespace(replica, chosen)) return [];
  const message = 'the container whose namespaces it shares was restarted, which left it without any';
  const stale: Cause = { reason: 'Drifted', message, path: 'network_mode' };
  return [
    { kind: 'stop-container', lane, target, cause: stale },
    { kind: 'start-container', lane, target, cause: stale },
  ];
}

/** Why people want it started once more; undefined when they do not, or when it has been done. */
export function findRequest({ requests }: Replica, { id, details }: ObservedContainer): Cause | undefined {
  const request = requests[id];
  return request !== undefined && request.startedAtMs === details?.startedAtMs ? request.cause : undefined;
}

/**
 * A restart gives a container new namespaces; those that share them keep the old, dead ones. A start in the
 * future is from before the clock was set back: then nothing follows, and no restart would be the last.
 */
function hasStaleNamespace({ namespaceStartedAtMs, nowMs }: Replica, chosen: ObservedContainer): boolean {
  const startedAtMs = chosen.details?.startedAtMs;
  if (namespaceStartedAtMs === undefined || startedAtMs === undefined || chosen.state !== 'running') {
    return false;
  }
  return startedAtMs < namespaceStartedAtMs && namespaceStartedAtMs <= nowMs;
}

export function restorePolicy(replica: Replica, chosen: ObservedContainer, cause: Cause): readonly Step[] {
  const policy = replica.service.spec.restart;
  const found = chosen.details?.restartPolicy;
  if (found === undefined || isSamePolicy(found, policy)) return [];
  return [{ kind: 'set-restart-policy', lane: replica.lane, target: toTarget(chosen), policy, cause }];
}

export function updateResources(replica: Replica, chosen: ObservedContainer, cause: Cause): Step {
  const { lane, service } = replica;
  const { resources, restart: policy, limits = {} } = service.spec;
  return {
    kind: 'update-resources',
    lane,
    target: toTarget(chosen),
    // To the engine, saying nothing would mean "leave it".
    resources: { ...resources, pidsLimit: resources.pidsLimit || -1 },
    limits: toUpdatable(limits),
    policy,
    cause,
  };
}

function toUpdatable({ blockIo, ...limits }: Limits): UpdatableLimits {
  const { memorySwapBytes, cpuShares, cpuset, cpuPeriodMicroseconds, cpuQuotaMicroseconds } = limits;
  const { cpuRealtimePeriodMicroseconds, cpuRealtimeRuntimeMicroseconds } = limits;
  const declared = {
    memorySwapBytes,
    cpuShares,
    cpuset,
    cpuPeriodMicroseconds,
    cpuQuotaMicroseconds,
    cpuRealtimePeriodMicroseconds,
    cpuRealtimeRuntimeMicroseconds,
    blockIoWeight: blockIo?.weight,
  };
  return Object.fromEntries(Object.entries(declared).filter(([, limit]) => limit !== undefined));
}
