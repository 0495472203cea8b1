// A hook as a level-triggered machine, like a replica: its container is the record of what was done. It is made once
// for a version and kept, ended, until the next one; so a kill at any point neither loses a run nor repeats one.
import { toContainerLabels } from './container-labels.ts';
import { hasGivenName } from './container-names.ts';
import { resolveReferences } from './container-references.ts';
import { copyFiles } from './deliver-files.ts';
import type { DesiredHook } from './desired.ts';
import { isRefused } from './judge-successor.ts';
import * as label from './labels.ts';
import { generationLabel, hookLabel, isOwnedBy, serviceLabel, stackLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import type { Cause, ContainerToCreate, Step } from './plan.ts';
import { holdBack, type PlanPart, toPart } from './plan-part.ts';
import type { Scene } from './plan-scene.ts';
import { isActive, retire, superseded, toTarget } from './replica-steps.ts';

export type HookPlan = { readonly part: PlanPart; readonly isDone: boolean };

const killGraceSeconds = 5;
const lookAgainMs = 1000;

/** What is left until the hook has run for the declared version. */
export function planHook(hook: DesiredHook, scene: Scene): HookPlan {
  const { current, others } = findHookContainers(hook, scene);
  const succeeded = scene.context.hooks.succeeded[hook.kind] === toVersion(hook, scene);
  if (current === undefined && succeeded) return { part: toPart({}), isDone: true };
  if (current === undefined) return { part: planStart(hook, scene, others), isDone: false };
  switch (current.state) {
    case 'exited':
      return planEnded(hook, scene, current);
    case 'created':
      return isRefused(current, scene.context.refusedStarts)
        ? planFailed(hook, scene, current, `could not be started: ${current.details?.error}`)
        : { part: toPart({ steps: listStarts(hook, current) }), isDone: false };
    case 'dead':
      return { part: toPart({ steps: retire(hook.run.name, current, superseded) }), isDone: false };
    case 'running':
    case 'paused':
    case 'restarting':
    case 'removing':
      return { part: planRunning(hook, scene, current), isDone: false };
  }
}

/** One that runs for a version that is no longer declared does harm, wanted or not. */
export function planStaleHooks(hook: DesiredHook, scene: Scene): PlanPart {
  const { others } = findHookContainers(hook, scene);
  return toPart({
    steps: others.filter(isActive).flatMap((each) => retire(hook.run.name, each, superseded)),
  });
}

function findHookContainers({ kind, run }: DesiredHook, { stack, observed, context, imageIdsByRef }: Scene) {
  const own = observed.containers.filter(
    (container) =>
      isOwnedBy(container.labels, context.owner) &&
      container.labels[stackLabel] === stack.name &&
      container.labels[hookLabel] === kind &&
      hasGivenName(container),
  );
  const imageId = imageIdsByRef.get(run.spec.image);
  const current = own.find(
    (each) =>
      each.labels[generationLabel] === run.generation && (imageId === undefined || each.imageId === imageId),
  );
  return { current, others: own.filter((each) => each !== current) };
}

function toVersion({ run }: DesiredHook, { imageIdsByRef }: Scene): string {
  return `${run.generation} ${imageIdsByRef.get(run.spec.image) ?? ''}`;
}

function planStart(hook: DesiredHook, scene: Scene, others: readonly ObservedContainer[]): PlanPart {
  const { run } = hook;
  const { stack, observed, context, imageIdsByRef, missing } = scene;
  const lane = run.name;
  const cause: Cause = { reason: 'Missing', message: `it has not run for generation ${run.generation} yet` };
  const imageId = imageIdsByRef.get(run.spec.image);
  const resolved = resolveReferences(run.spec, { stack, observed, owner: context.owner });
  const volumes = run.spec.mounts.flatMap((mount) => (mount.kind === 'volume' ? (mount.name ?? []) : []));
  const absent = [
    ...run.spec.networks.map(({ network }) => `network ${network}`),
    ...volumes.map((name) => `volume ${name}`),
  ].find((each) => missing.has(each));
  const needed =
    (others.some(isActive) && 'its run for another version is gone') ||
    (imageId === undefined && `image ${run.spec.image} is there`) ||
    (resolved.missing !== undefined && `the container of ${resolved.missing} runs`) ||
    (absent !== undefined && `${absent} exists`) ||
    undefined;
  const container = toHookContainer(hook, scene, { imageId: imageId ?? '', ...resolved.references });
  const target = { name: container.name };
  const steps: Step[] = [
    ...others.filter((each) => !isActive(each)).flatMap((each) => retire(lane, each, superseded)),
    { kind: 'create-container', lane, container, cause },
    ...run.spec.networks
      .slice(context.multiEndpointCreate ? Number.POSITIVE_INFINITY : 1)
      .map((attachment): Step => ({ kind: 'connect-network', lane, target, attachment, cause })),
    ...copyFiles(lane, target, run.spec, cause),
    { kind: 'start-container', lane, target, cause },
  ];
  return holdBack(toPart({ steps }), needed);
}

function toHookContainer(
  { kind, run }: DesiredHook,
  { stack, context }: Scene,
  given: { readonly imageId: string; readonly networkMode: string } & NonNullable<
    ContainerToCreate['shared']
  >,
): ContainerToCreate {
  const { imageId, networkMode, ...shared } = given;
  const { files: _files, ...spec } = run.spec;
  const all = toContainerLabels(stack, run, 1, { ...context, imageId });
  // It is no replica of any service.
  const { [serviceLabel]: _service, ...labels } = all;
  return {
    name: run.containerNames[0] ?? run.name,
    spec,
    imageId,
    labels: {
      ...labels,
      [hookLabel]: kind,
      [label.composeLabels.service]: kind,
      [label.composeLabels.oneoff]: 'True',
    },
    attachments: context.multiEndpointCreate ? spec.networks : spec.networks.slice(0, 1),
    networkMode: spec.networks[0]?.network ?? networkMode,
    shared,
  };
}

/** It was made, and killed before it could be started. */
function listStarts({ run }: DesiredHook, container: ObservedContainer): readonly Step[] {
  const cause: Cause = { reason: 'Unfinished', message: 'left over from an unfinished change' };
  const [lane, target] = [run.name, toTarget(container)];
  const connected = new Set(container.networks.map(({ network }) => network));
  return [
    ...run.spec.networks
      .filter(({ network }) => !connected.has(network))
      .map((attachment): Step => ({ kind: 'connect-network', lane, target, attachment, cause })),
    ...copyFiles(lane, target, run.spec, cause),
    { kind: 'start-container', lane, target, cause },
  ];
}

function planRunning({ kind, run }: DesiredHook, { context }: Scene, container: ObservedContainer): PlanPart {
  const { nowMs, clockSetAtMs = 0 } = context;
  const lane = run.name;
  // Of what was started before the clock was set, no more is known than how long ago that was.
  const startedAtMs = Math.max(container.details?.startedAtMs ?? nowMs, clockSetAtMs);
  const endsAtMs = startedAtMs + run.readyDeadlineMs;
  const message = `the ${kind} hook is running`;
  const lookAgainAtMs = endsAtMs > nowMs ? endsAtMs : nowMs + lookAgainMs;
  const waits = [{ lane, reason: 'HookRunning', message, lookAgainAtMs } as const];
  if (container.details === undefined || endsAtMs > nowMs) return toPart({ waits });
  const cause: Cause = {
    reason: 'Unfinished',
    message: `it has not ended in ${run.readyDeadlineMs / 1000} s`,
  };
  const target = toTarget(container);
  const newName = toOverdueName(run);
  const steps: Step[] = [
    // Its name says from now on that it was stopped: ended, it may well tell of success.
    ...(container.name === newName
      ? []
      : [{ kind: 'rename-container', lane, target, newName, cause } as const]),
    { kind: 'stop-container', lane, target, graceSeconds: killGraceSeconds, cause },
  ];
  return toPart({ steps, waits });
}

function toOverdueName({ containerNames, name }: DesiredHook['run']): string {
  return `${containerNames[0] ?? name}--overdue`;
}

function planEnded(hook: DesiredHook, scene: Scene, container: ObservedContainer): HookPlan {
  const { details, exitCode } = container;
  const { readyDeadlineMs, name: lane } = hook.run;
  if (details === undefined) {
    const message = `${container.name} has yet to be inspected`;
    const lookAgainAtMs = scene.context.nowMs + lookAgainMs;
    return {
      part: toPart({ waits: [{ lane, reason: 'NotInspected', message, lookAgainAtMs }] }),
      isDone: false,
    };
  }
  if (container.name === toOverdueName(hook.run)) {
    return planFailed(hook, scene, container, `did not end in ${readyDeadlineMs / 1000} s`);
  }
  if (exitCode !== 0) {
    const reason = details.oomKilled ? ', killed for lack of memory' : '';
    return planFailed(hook, scene, container, `ended with exit code ${exitCode ?? 'unknown'}${reason}`);
  }
  if (scene.context.hooks.succeeded[hook.kind] === toVersion(hook, scene)) {
    return { part: toPart({}), isDone: true };
  }
  const { kind } = hook;
  const version = toVersion(hook, scene);
  return {
    part: toPart({ findings: [{ kind: 'hook-done', hook: kind, version, container: toTarget(container) }] }),
    isDone: true,
  };
}

function planFailed(
  { kind, run }: DesiredHook,
  { context }: Scene,
  container: ObservedContainer,
  what: string,
): HookPlan {
  const message = `the ${kind} hook ${what}`;
  const target = toTarget(container);
  const isNoted = context.hooks.noted.has(container.id);
  const { generation } = run;
  return {
    part: toPart({
      findings: isNoted ? [] : [{ kind: 'hook-failed', hook: kind, generation, container: target, message }],
      blocks: [
        {
          lane: run.name,
          reason: 'HookFailed',
          message,
          unblock: `mend it in Git; or, to try the same once more: docker rm ${container.name}`,
        },
      ],
    }),
    isDone: false,
  };
}
