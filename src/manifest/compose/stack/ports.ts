import type { PortBinding } from '#domain/container-spec.ts';
import type { Place } from '../../place.ts';
import type { ComposePort, ComposeService } from '../project/compose-project.ts';

export function toPorts(
  { ports = [], network_mode: mode = '' }: ComposeService,
  place: Place,
): readonly PortBinding[] {
  if (ports.length > 0 && /^(service|container):/.test(mode)) {
    place.warn(`an engine refuses ports with network_mode ${mode}`, 'publish them where the network is');
  }
  if (ports.length > 0 && mode === 'host') {
    place.warn('without effect: the service has the network of the host');
  }
  return ports.map(toBinding);
}

function toBinding({ target = 0, published = '', protocol = 'tcp', host_ip: hostIp = '' }: ComposePort) {
  return { containerPort: target, protocol: protocol || 'tcp', hostPort: published, hostIp };
}
