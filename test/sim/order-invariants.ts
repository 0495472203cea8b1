// What has to come first, and what people and Git have said.
import { filesLabel, generationLabel, serviceLabel, stackLabel } from '#domain/labels.ts';
import { isRunning, type MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import { findService, type Invariant, isHeld, isStartedAgain, lagMs, wasTouched } from './sight.ts';
import { mayBeReady, peersOf, seenLabels } from './witness.ts';

/** Somebody has looked away from drift, or from one kind of it. */
export const driftIsUndoneOnlyWhereItMayBe: Invariant = (sight, target) => {
  const { cause, kind } = sight.step;
  const stack = findService(sight, target)?.stack;
  if (cause.reason !== 'Drifted' || stack === undefined) return undefined;
  if (stack.drift !== 'heal') return `${kind} of ${target.name} undoes drift under drift: ${stack.drift}`;
  if (cause.message.startsWith('it is gone')) return undefined;
  const isIgnored = stack.driftIgnore?.some((pattern) => cause.path?.startsWith(pattern.replace('*', '')));
  return isIgnored === true ? `${kind} of ${target.name} undoes drift that is ignored` : undefined;
};

export const whatIsSuspendedIsLeftAlone: Invariant = ({ step, overrides }, target) => {
  const suspended = overrides(seenLabels(target)[stackLabel] ?? '').some(({ kind }) => kind === 'suspended');
  return suspended ? `${step.kind} of ${target.name}, although its stack is suspended` : undefined;
};

export const whatPeopleStoppedStaysStopped: Invariant = ({ step, overrides }, target) => {
  if (step.kind !== 'start-container' && step.kind !== 'create-container') return undefined;
  const { [stackLabel]: stack = '', [serviceLabel]: name } = seenLabels(target);
  const isStopped = overrides(stack).some(
    ({ kind, service }) => kind === 'stopped' && (service === undefined || service === name),
  );
  return isStopped ? `${step.kind} of ${target.name}, which people have stopped` : undefined;
};

export const whatIsStoppedForGoodStaysStopped: Invariant = (sight, target) => {
  const { step } = sight;
  if (step.kind !== 'stop-container' || isStartedAgain(step) || !isRunning(target)) return undefined;
  if (target.restartPolicy.name === 'no' || wasTouched(sight, [target])) return undefined;
  return `${target.name} is stopped with policy ${target.restartPolicy.name}: a restart of the engine would raise it`;
};

export const whatIsHeldIsNotTriedAgain: Invariant = (sight, target) => {
  const { step, engine, witness } = sight;
  const found = findService(sight, target);
  // The way back may lead to another container of the same version, which has served.
  if (step.kind !== 'start-container' || step.cause.reason === 'Held') return undefined;
  if (found === undefined || found.service.isJob) return undefined;
  const isCutOff = ({ networkMode }: MemoryContainer): boolean =>
    networkMode.startsWith('container:') && networkMode !== target.networkMode;
  const isWayBack = peersOf(engine, target).some((peer) => witness.pastOf(peer).hasServed && !isCutOff(peer));
  if (!isHeld(sight, target) || target.labels[generationLabel] !== found.service.generation) return undefined;
  if (!isWayBack || wasTouched(sight, peersOf(engine, target))) return undefined;
  return `${target.name} is started, although its version is on hold`;
};

export const whatOthersAwaitIsThereFirst: Invariant = (sight, target) => {
  const { step, engine, witness, nowMs } = sight;
  const found = findService(sight, target);
  if (step.kind !== 'start-container' || found === undefined || target.run > 0) return undefined;
  for (const { service: name, condition } of found.service.dependsOn) {
    const awaited = found.stack.services.find((each) => each.name === name);
    const missing = awaited?.containerNames.find((containerName) => {
      const container = [...engine.containers.values()].find((each) => each.name === containerName);
      if (container === undefined) return true;
      if (condition === 'completed') return container.exitCode !== 0;
      const { startedAtMs } = witness.pastOf(container);
      if (condition === 'started') return container.state !== 'running' && nowMs - startedAtMs > lagMs;
      return !mayBeReady(container) && nowMs - witness.pastOf(container).readyAtMs > lagMs;
    });
    if (missing === undefined) continue;
    const container = [...engine.containers.values()].find((each) => each.name === missing);
    if (container === undefined || wasTouched(sight, [container])) continue;
    // It ended when this was under way already.
    if (nowMs - witness.pastOf(container).endedAtMs < lagMs) continue;
    return `${target.name} is started before ${missing} is ${condition}`;
  }
  return undefined;
};

export const whatIsDeliveredIsThereAtTheStart: Invariant = ({ step }, target) => {
  if (step.kind !== 'start-container' || target.labels[filesLabel] === undefined) return undefined;
  // Its first start is judged. Where other hands were first, nothing shows that it has not got them.
  if (target.run > 0) return undefined;
  return Object.keys(target.files).length === 0 ? `${target.name} is started without its files` : undefined;
};

export const everyCallHasItsCause: Invariant = ({ step }) =>
  step.cause.message === '' ? `${step.kind} without a cause` : undefined;
