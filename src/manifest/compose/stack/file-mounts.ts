import type { Mount } from '#domain/container-spec.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import { InvalidValue, type Place } from '../../place.ts';
import { isAbsolutePath } from '../../text/posix-path.ts';
import { checkBindSource } from '../check-policy.ts';
import type {
  ComposeFileMount,
  ComposeFileObject,
  ComposeProject,
  ComposeService,
} from '../project/compose-project.ts';

type FileInput = { readonly project: ComposeProject; readonly policy: HostPolicy };

/** Configs and secrets that are files of the host. All others are delivered as content. */
export function toFileMounts(
  service: ComposeService,
  { project, policy }: FileInput,
  place: Place,
): readonly Mount[] {
  const toMounts = (kind: 'config' | 'secret', directory: string) =>
    (service[`${kind}s`] ?? []).flatMap((mount, index) => {
      const at = place.at(`${kind}s`, index);
      const declared = project[`${kind}s`]?.[mount.source ?? ''] ?? {};
      const file = at.attempt(() => findHostFile(kind, mount, declared));
      if (file === undefined) return [];
      checkBindSource(file, policy, at);
      warnOfOwner(mount, at);
      return [toMount(file, toTarget(mount, directory))];
    });
  const mounts = [...toMounts('secret', '/run/secrets/'), ...toMounts('config', '/')];
  return [...new Map(mounts.map((mount) => [mount.target, mount])).values()];
}

function findHostFile(
  kind: 'config' | 'secret',
  { source = '' }: ComposeFileMount,
  declared: ComposeFileObject,
): string | undefined {
  if (declared.external === true) {
    throw new InvalidValue(
      `unsupported external ${kind} ${declared.name ?? source}: only a Swarm has those`,
      'declare its file, content or environment',
    );
  }
  for (const key of ['driver', 'template_driver'] as const) {
    if (declared[key] === undefined) continue;
    throw new InvalidValue(`${kind}s.${source}.${key}: only a Swarm has those`);
  }
  const { file, content, environment } = declared;
  const isHostFile = file !== undefined && content === undefined && environment === undefined;
  return isHostFile && isAbsolutePath(file) ? file : undefined;
}

function toTarget({ source = '', target = source }: ComposeFileMount, directory: string): string {
  return isAbsolutePath(target) ? target : `${directory}${target}`;
}

function toMount(source: string, target: string): Mount {
  return { kind: 'bind', source, target, readOnly: true, createHostPath: false };
}

function warnOfOwner({ uid, gid, mode }: ComposeFileMount, place: Place): void {
  if (uid === undefined && gid === undefined && mode === undefined) return;
  place.warn('uid, gid and mode are without effect: a file of the host is mounted as it is');
}
