import type { Mount } from '#domain/container-spec.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import { InvalidValue, type Place } from '../../place.ts';
import { isAbsolutePath, isWindowsAbsolutePath } from '../../text/posix-path.ts';
import { checkBindSource } from '../check-policy.ts';
import type { ComposeMount, ComposeProject, ComposeService } from '../project/compose-project.ts';
import { given, nonEmptyMap, nonFalse, nonZero } from './given.ts';

type MountInput = { readonly project: ComposeProject; readonly policy: HostPolicy };

/** `volumes`, `tmpfs` and the engine's socket. What is delivered as content is none of them. */
export function toMounts(service: ComposeService, input: MountInput, place: Place): readonly Mount[] {
  const mounts = (service.volumes ?? []).flatMap((mount, index) => {
    const at = place.at('volumes', index);
    return at.attempt(() => toMount(mount, input, at)) ?? [];
  });
  const inMemory = (service.tmpfs ?? []).map((text): Mount => {
    const [target = '', ...options] = text.split(':');
    return { kind: 'tmpfs', target, options: options.join(':') };
  });
  return [...mounts, ...inMemory, ...toSocketMount(service, input, place)];
}

function toMount(mount: ComposeMount, input: MountInput, place: Place): readonly Mount[] {
  const { target = '', read_only: readOnly = false } = mount;
  const common = { target, readOnly, ...given({ consistency: nonFalse(mount.consistency) }) };
  switch (mount.type) {
    case 'bind':
      return toBind(mount, common, input, place);
    case 'volume':
      return [toVolume(mount, common, input.project)];
    case 'tmpfs':
      return [toTmpfs(mount, common)];
    case 'image':
      return [
        {
          kind: 'image',
          image: mount.source ?? '',
          ...common,
          ...given({ subpath: nonFalse(mount.image?.subpath) }),
        },
      ];
    case 'npipe':
    case 'cluster':
      throw new InvalidValue(`a mount of type ${mount.type} is not possible on a plain Linux engine`);
  }
}

type Common = { readonly target: string; readonly readOnly: boolean; readonly consistency?: string };

/** An absolute source is a path of the host; a relative one is content, and delivered if at all. */
function toBind(
  { source = '', bind }: ComposeMount,
  common: Common,
  { policy }: MountInput,
  place: Place,
): readonly Mount[] {
  if (!isAbsolutePath(source) && !isWindowsAbsolutePath(source)) return [];
  checkBindSource(source, policy, place);
  return [
    {
      kind: 'bind',
      source,
      ...common,
      // The short form says so; a long one without any option of a bind is as good as the short one.
      createHostPath: bind === undefined || bind.create_host_path === true,
      ...given({
        propagation: nonFalse(bind?.propagation),
        selinux: nonFalse(bind?.selinux),
        recursive: nonFalse(bind?.recursive),
      }),
    },
  ];
}

function toVolume({ source, volume, bind }: ComposeMount, common: Common, project: ComposeProject): Mount {
  const key = nonFalse(source);
  return {
    kind: 'volume',
    ...given({ name: key === undefined ? undefined : (project.volumes?.[key]?.name ?? key) }),
    ...common,
    ...given({
      noCopy: nonFalse(volume?.nocopy),
      subpath: nonFalse(volume?.subpath),
      labels: nonEmptyMap(volume?.labels),
      propagation: nonFalse(bind?.propagation),
      selinux: nonFalse(bind?.selinux),
    }),
  };
}

function toTmpfs({ tmpfs }: ComposeMount, { readOnly, ...common }: Common): Mount {
  return {
    kind: 'tmpfs',
    ...common,
    ...given({
      readOnly: nonFalse(readOnly),
      sizeBytes: nonZero(tmpfs?.size),
      mode: nonZero(tmpfs?.mode),
    }),
  };
}

const socket = '/var/run/docker.sock';

function toSocketMount(service: ComposeService, { policy }: MountInput, place: Place): readonly Mount[] {
  if (service.use_api_socket !== true) return [];
  checkBindSource(socket, policy, place.at('use_api_socket'));
  return [{ kind: 'bind', source: socket, target: socket, readOnly: false, createHostPath: true }];
}
