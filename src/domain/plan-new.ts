import { candidateName } from './container-names.ts';
import { copyFiles, findUndeliverable } from './deliver-files.ts';
import { mayBeEqual } from './equal-containers.ts';
import { findUnsupported } from './find-unsupported.ts';
import { formatOrder, judgeOrder } from './judge-order.ts';
import type { ObservedContainer } from './observed.ts';
import type { Cause, Step } from './plan.ts';
import { type PlanPart, toPart } from './plan-part.ts';
import { chooseAliases, type Replica, toAttachments, toContainerToCreate } from './replica.ts';
import { toCreateCause, toDifferences } from './replica-causes.ts';
import { findObstacle, toObstacleWaits, toRelease } from './replica-obstacles.ts';
import { asStoppedRoles, findPredecessor, type Roles } from './replica-roles.ts';
import { delay, retire, stop, superseded } from './replica-steps.ts';
import { takeOver } from './take-over.ts';

/** There is no container as declared yet. */
export function planNew(replica: Replica, roles: Roles): PlanPart {
  const { lane, canonicalName, service, stack, apiVersion } = replica;
  const unsupported = apiVersion === undefined ? undefined : findUnsupported(service.spec, apiVersion);
  if (unsupported !== undefined) {
    return toPart({ blocks: [{ lane, reason: 'Unsupported', ...unsupported }] });
  }
  const undeliverable = findUndeliverable(service.spec);
  if (undeliverable !== undefined) {
    return toPart({ blocks: [{ lane, reason: 'UndeliverableFile', ...undeliverable }] });
  }
  const predecessor = findPredecessor(roles);
  const isFree = replica.containers.length === 0 && findObstacle(replica, 'name') === undefined;
  const name = isFree ? canonicalName : candidateName(canonicalName, service.generation);
  const leftover = roles.superseded.find((container) => container.name === name);
  const order = predecessor && judgeOrder(service, stack, predecessor);
  const isStartFirst = order?.kind === 'start-first';
  const cause: Cause = {
    ...toCreateCause(replica, roles),
    ...(order !== undefined && { order: formatOrder(order) }),
  };
  const target = { name };
  const obstacle = findObstacle(replica, 'start');
  const stopped = replica.containers.filter((each) => !isStartFirst && each !== leftover);
  const toRaise: Step[] = [
    ...copyFiles(lane, target, service.spec, cause),
    ...stopped.flatMap((container) => stop(lane, container, cause)),
    { kind: 'start-container', lane, target, cause },
    ...(isFree
      ? []
      : takeOver(replica, target, withoutLeftover(isStartFirst ? roles : asStoppedRoles(roles), leftover), {
          cause,
          after: `${name} is ready`,
        })),
  ];
  const aliases = isStartFirst ? chooseAliases(replica) : 'serving';
  const steps: Step[] = [
    ...(leftover === undefined ? [] : retire(lane, leftover, superseded)),
    {
      kind: 'create-container',
      lane,
      container: toContainerToCreate(replica, name, { aliases, predecessor }),
      cause,
    },
    ...toAttachments(replica, aliases)
      .slice(replica.multiEndpointCreate ? Number.POSITIVE_INFINITY : 1)
      .map((attachment): Step => ({ kind: 'connect-network', lane, target, attachment, cause })),
    ...delay(delay(toRaise, toRelease(obstacle)), toComparison(replica, roles, name)),
  ];
  return toPart({
    steps,
    differences: toDifferences(replica, roles, cause),
    waits: toObstacleWaits(replica, obstacle),
  });
}

/** Nothing is done to the live one before the engine has been asked whether the new one would differ from it. */
function toComparison({ imageId, service }: Replica, { live }: Roles, name: string): string | undefined {
  if (live === undefined || !mayBeEqual(live, imageId, service)) return undefined;
  return `${name} is compared with ${live.name}`;
}

function withoutLeftover(roles: Roles, leftover: ObservedContainer | undefined): Roles {
  return { ...roles, superseded: roles.superseded.filter(({ id }) => id !== leftover?.id) };
}
