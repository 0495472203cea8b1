// Starting and ending, by call and by itself, and what restart policies make of it.
import { EngineError } from '#ports/engine.ts';
import { claimPorts } from './host-ports.ts';
import {
  conflict,
  isRunning,
  type MemoryContainer,
  type MemoryWorld,
  type Program,
  tell,
} from './memory-world.ts';
import { attachAll, detachAll } from './networking.ts';

const firstBackoffMs = 100;
const longestBackoffMs = 60_000;
/** A run as long as this is forgiven all that was before it. */
const forgivingMs = 10_000;
const killedExitCode = 137;
const defaultGraceSeconds = 10;
const probes = 3;
const defaultProbeMs = 5_000;

function programOf(world: MemoryWorld, { imageId }: MemoryContainer): Program {
  return world.programs.get(imageId) ?? {};
}

/** By a call. Started twice is success. @throws EngineError; the reason then stands in the container, too */
export function start(world: MemoryWorld, container: MemoryContainer): void {
  if (container.state === 'paused') throw conflict('cannot start a paused container, try unpause instead');
  if (container.state === 'dead' || container.state === 'removing') throw conflict('it is being removed');
  if (isRunning(container) || container.state === 'restarting') return;
  container.restartCount = 0;
  container.stoppedByCall = false;
  launch(world, container);
}

/** @throws EngineError when it cannot be; a container that never ran stays `created`. */
function launch(world: MemoryWorld, container: MemoryContainer): void {
  try {
    const { cannotStart } = programOf(world, container);
    if (cannotStart !== undefined) throw new EngineError('ENGINE_FAILED', cannotStart, { status: 500 });
    const ports = claimPorts(world, container);
    attachAll(world, container);
    container.ports = ports;
  } catch (error) {
    container.error = error instanceof Error ? error.message : String(error);
    container.exitCode = 128;
    if (container.state !== 'created') container.state = 'exited';
    throw error;
  }
  container.state = 'running';
  container.error = '';
  container.exitCode = undefined;
  container.startedAtMs = world.time.nowMs();
  container.finishedAtMs = 0;
  container.run += 1;
  tell(world, 'start', container);
  live(world, container);
}

/** What the program does from here on by itself. */
function live(world: MemoryWorld, container: MemoryContainer): void {
  const { run } = container;
  const program = programOf(world, container);
  const later = (ms: number, act: () => void): void =>
    world.time.after(ms, () => {
      if (container.run === run && isRunning(container) && world.containers.has(container.id)) act();
    });
  if (program.endsAfterMs !== undefined) {
    later(program.endsAfterMs, () => end(world, container, program.exitCode ?? 0));
  }
  container.health = world.startedHealth(container.name);
  const { test, intervalMs = defaultProbeMs } = container.spec.healthcheck ?? {};
  if (container.health !== undefined || test === undefined || test[0] === 'NONE') return;
  container.health = 'starting';
  const healthyAfterMs = program.healthyAfterMs ?? 0;
  const isEver = Number.isFinite(healthyAfterMs);
  later(isEver ? healthyAfterMs : probes * intervalMs, () => {
    container.health = isEver ? 'healthy' : 'unhealthy';
    tell(world, `health_status: ${container.health}`, container);
  });
}

/** Ends by itself, or is killed by something else than a call: then its policy counts. */
export function end(world: MemoryWorld, container: MemoryContainer, exitCode: number): void {
  const ranMs = world.time.nowMs() - container.startedAtMs;
  settle(world, container, exitCode);
  if (!mayRestart(container)) return;
  container.state = 'restarting';
  const tries = ranMs > forgivingMs ? 0 : Math.min(container.restartCount, 16);
  const { run } = container;
  world.time.after(Math.min(longestBackoffMs, firstBackoffMs * 2 ** tries), () => {
    const isStill = container.state === 'restarting' && container.run === run;
    if (!isStill || !world.containers.has(container.id)) return;
    container.restartCount += 1;
    tryLaunch(world, container);
  });
}

function mayRestart({ restartPolicy, stoppedByCall, exitCode, restartCount }: MemoryContainer): boolean {
  const { name, maxRetries } = restartPolicy;
  if (stoppedByCall) return false;
  if (name === 'always' || name === 'unless-stopped') return true;
  return name === 'on-failure' && exitCode !== 0 && (maxRetries === 0 || restartCount < maxRetries);
}

/** What fails to come up again is left as it is. */
function tryLaunch(world: MemoryWorld, container: MemoryContainer): void {
  try {
    launch(world, container);
  } catch (error) {
    container.state = 'exited';
    if (!(error instanceof EngineError)) throw error;
  }
}

function settle(world: MemoryWorld, container: MemoryContainer, exitCode: number): void {
  container.state = 'exited';
  container.exitCode = exitCode;
  container.finishedAtMs = world.time.nowMs();
  container.health = undefined;
  container.ports = [];
  detachAll(container);
  tell(world, 'die', container);
}

/** Returns when it has ended: by itself after SIGTERM, or by SIGKILL after its grace time. */
export async function stop(
  world: MemoryWorld,
  container: MemoryContainer,
  graceSeconds = container.spec.stopGraceSeconds ?? defaultGraceSeconds,
): Promise<void> {
  if (container.state === 'restarting') {
    container.stoppedByCall = true;
    container.state = 'exited';
    return;
  }
  if (!isRunning(container)) return;
  container.stoppedByCall = true;
  const { stopsAfterMs = 0 } = programOf(world, container);
  const isKilled = stopsAfterMs > graceSeconds * 1000;
  const { run } = container;
  const finish = (): void => {
    const exitCode = isKilled ? killedExitCode : 0;
    if (container.run === run && isRunning(container)) settle(world, container, exitCode);
    tell(world, 'stop', container);
  };
  const lastsMs = Math.min(stopsAfterMs, graceSeconds * 1000);
  if (!world.time.passesByItself || lastsMs === 0) return finish();
  await new Promise<void>((resolve) => {
    world.time.after(lastsMs, () => {
      finish();
      resolve();
    });
  });
}

/** `docker kill`: a call, too. */
export function kill(world: MemoryWorld, container: MemoryContainer): void {
  container.stoppedByCall = true;
  if (isRunning(container)) settle(world, container, killedExitCode);
  if (container.state === 'restarting') container.state = 'exited';
}

export function pause(world: MemoryWorld, container: MemoryContainer): void {
  if (container.state !== 'running') throw conflict('it is not running');
  container.state = 'paused';
  tell(world, 'pause', container);
}

export function unpause(world: MemoryWorld, container: MemoryContainer): void {
  if (container.state !== 'paused') return;
  container.state = 'running';
  tell(world, 'unpause', container);
}

/** Without events: nobody is connected. What never ran is not raised; `always` raises even what was stopped. */
export function restartEngine(world: MemoryWorld): void {
  const all = [...world.containers.values()];
  for (const container of all) {
    if (isRunning(container)) settle(world, container, 0);
    if (container.state === 'restarting') container.state = 'exited';
  }
  const raised = all.filter(
    (each) => each.run > 0 && (each.restartPolicy.name === 'always' || mayRestart(each)),
  );
  // Those that share a namespace come after the one that has it.
  const order = (each: MemoryContainer): number => (each.networkMode.startsWith('container:') ? 1 : 0);
  for (const container of raised.toSorted((a, b) => order(a) - order(b))) {
    container.restartCount = 0;
    container.stoppedByCall = false;
    tryLaunch(world, container);
  }
}
