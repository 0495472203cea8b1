// Host ports that change hands, as the invariants see it.
import { isRunning, type MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import { findService, type Sight } from './sight.ts';
import { isOurs, toReplicaKey } from './witness.ts';

/** One that cannot start before the port is free, and that it has to wait for itself. */
export function givesItsPortTo(sight: Sight, target: MemoryContainer): MemoryContainer | undefined {
  const found = findService(sight, target);
  const isGivenUp = ({ hostPort }: MemoryContainer['ports'][number]): boolean =>
    found?.service.spec.ports.every((port) => port.hostPort !== String(hostPort)) === true;
  const given = target.ports.filter(isGivenUp).map(({ hostPort }) => String(hostPort));
  return [...sight.engine.containers.values()].find(
    (each) =>
      isOurs(each) &&
      !isRunning(each) &&
      toReplicaKey(each) !== toReplicaKey(target) &&
      each.spec.ports.some(({ hostPort }) => given.includes(hostPort)) &&
      waitsFor(sight, target, each),
  );
}

/** Directly or by way of others: for a service that it depends on, or for one that has a port of it. */
function waitsFor(sight: Sight, one: MemoryContainer, other: MemoryContainer): boolean {
  const seen = new Set([toReplicaKey(one)]);
  for (const key of seen) {
    if (key === toReplicaKey(other)) return true;
    for (const next of listAwaited(sight, key)) seen.add(next);
  }
  return false;
}

/** By key of the replica. */
function listAwaited({ apps, engine }: Sight, key: string): readonly string[] {
  const [stackName, serviceName] = key.split('/');
  const stack = apps.flatMap((app) => app.stacks).find(({ name }) => name === stackName);
  const service = stack?.services.find(({ name }) => name === serviceName);
  if (stack === undefined || service === undefined) return [];
  const depended = service.dependsOn.flatMap(({ service: name }) =>
    (stack.services.find((each) => each.name === name)?.containerNames ?? []).map(
      (_, index) => `${stack.name}/${name}/${index + 1}`,
    ),
  );
  const holders = [...engine.containers.values()].filter(({ ports }) =>
    ports.some((held) => service.spec.ports.some(({ hostPort }) => hostPort === String(held.hostPort))),
  );
  return [...depended, ...holders.map(toReplicaKey)];
}
