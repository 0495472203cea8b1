import type { Mount } from '#domain/container-spec.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import type { Place } from '../../place.ts';
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
      const file = findHostFile(declared);
      if (file === undefined) return [];
      checkBindSource(file, policy, at);
      warnOfOwner(mount, at);
      return [toMount(file, toTarget(mount, directory))];
    });
  const mounts = [...toMounts('secret', '/run/secrets/'), ...toMounts('config', '/')];
  return [...new Map(mounts.map((mount) => [mount.target, mount])).values()];
}

/** Undefined where it is content, which is delivered. */
function findHostFile({ external, file, content, environment }: ComposeFileObject): string | undefined {
  if (external === true || content !== undefined || environment !== undefined) return undefined;
  return file !== undefined && isAbsolutePath(file) ? file : undefined;
}

/** Tells of configs and secrets that only a Swarm has. */
export function checkFileObjects(service: ComposeService, project: ComposeProject, place: Place): void {
  for (const kind of ['config', 'secret'] as const) {
    for (const [index, { source = '' }] of (service[`${kind}s`] ?? []).entries()) {
      const declared = project[`${kind}s`]?.[source] ?? {};
      const at = place.at(`${kind}s`, index);
      if (declared.external === true) {
        at.error(`unsupported external ${kind} ${declared.name ?? source}: only a Swarm has those`);
      }
      for (const key of ['driver', 'template_driver'] as const) {
        if (declared[key] !== undefined) at.error(`${kind}s.${source}.${key}: only a Swarm has those`);
      }
    }
  }
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
