import type { PortBinding } from './container-spec.ts';
import type { PublishedPort } from './observed.ts';

/** Whether what is declared would need the very port of the host that is held; no address stands for every one. */
export function isSamePort(port: PortBinding, held: PublishedPort): boolean {
  const isAnywhere = port.hostIp === '' || port.hostIp === '0.0.0.0' || held.hostIp === '';
  return (
    String(held.hostPort) === port.hostPort &&
    held.protocol === port.protocol.toLowerCase() &&
    (isAnywhere || held.hostIp === port.hostIp)
  );
}
