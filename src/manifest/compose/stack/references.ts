import type { ContainerSpec, Link } from '#domain/container-spec.ts';
import type { Place } from '../../place.ts';
import type { ComposeService } from '../project/compose-project.ts';
import { given, nonEmpty, nonFalse } from './given.ts';

type ReferenceSpec = Pick<ContainerSpec, 'networkMode' | 'volumesFrom' | 'links'>;

/** What the service has from other containers. */
export function toReferences(service: ComposeService, place: Place): ReferenceSpec {
  const from = (service.volumes_from ?? []).map((text, index) =>
    toSource(text, place.at('volumes_from', index)),
  );
  for (const key of ['uts', 'cgroup'] as const) {
    if (service[key]?.startsWith('service:') !== true) continue;
    place.at(key).warn(`an engine refuses "${service[key]}": it cannot be shared`);
  }
  return given({
    networkMode: nonFalse(service.network_mode),
    volumesFrom: nonEmpty(from),
    links: nonEmpty([
      ...(service.links ?? []).map(toLink),
      ...(service.external_links ?? []).map(toForeignLink),
    ]),
  });
}

/** `service[:mode]`, `container:name[:mode]` */
function toSource(text: string, place: Place): string {
  const [first = '', ...rest] = text.split(':');
  const isContainer = first === 'container';
  const mode = rest[isContainer ? 1 : 0];
  if (mode === 'ro') place.warn('":ro" is without effect, as in Docker Compose: it can be written to');
  return isContainer ? `container:${rest[0] ?? ''}` : `service:${first}`;
}

function toLink(text: string): Link {
  const [service = '', alias = service] = text.split(':');
  return { service, alias };
}

function toForeignLink(text: string): Link {
  const [container = '', alias = container] = text.split(':');
  return { container, alias };
}
