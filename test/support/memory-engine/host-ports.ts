import type { PortBinding } from '#domain/container-spec.ts';
import type { PublishedPort } from '#domain/observed.ts';
import { EngineError } from '#ports/engine.ts';
import { isRunning, type MemoryContainer, type MemoryWorld } from './memory-world.ts';

const firstFreePort = 32_768;
const lastPort = 65_535;

/** Only a running container holds ports, so this is asked for at the start. @throws EngineError ENGINE_PORT_TAKEN */
export function claimPorts(world: MemoryWorld, container: MemoryContainer): readonly PublishedPort[] {
  const held = [...world.containers.values()]
    .filter((each) => each !== container && isRunning(each))
    .flatMap((each) => each.ports);
  const claimed: PublishedPort[] = [];
  for (const binding of container.spec.ports) {
    const port = choosePort(binding, [...held, ...claimed]);
    if (port === undefined) {
      const message = `Bind for ${binding.hostIp || '0.0.0.0'}:${binding.hostPort} failed: port is already allocated`;
      throw new EngineError('ENGINE_PORT_TAKEN', message, { status: 500 });
    }
    claimed.push({ hostIp: binding.hostIp, hostPort: port, protocol: binding.protocol });
  }
  return claimed;
}

function choosePort(binding: PortBinding, held: readonly PublishedPort[]): number | undefined {
  const [first = '', last = first] = binding.hostPort.split('-');
  const from = first === '' ? firstFreePort : Number(first);
  const to = first === '' ? lastPort : Number(last);
  for (let port = from; port <= to; port += 1) {
    if (!held.some((each) => isTaken(each, binding, port))) return port;
  }
  return undefined;
}

function isTaken(held: PublishedPort, binding: PortBinding, port: number): boolean {
  if (held.hostPort !== port || held.protocol !== binding.protocol) return false;
  return (
    [held.hostIp, binding.hostIp].some((ip) => ip === '' || ip === '0.0.0.0') ||
    held.hostIp === binding.hostIp
  );
}
