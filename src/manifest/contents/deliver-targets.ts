// Where files may be put: what the engine itself puts there at every start would hide them.
import type { DeliveredFile } from '#domain/delivered-file.ts';
import type { ComposeService } from '../compose/project/compose-project.ts';
import { InvalidValue, type Place } from '../place.ts';
import { isAbsolutePath, isWindowsAbsolutePath, normalizePath } from '../text/posix-path.ts';

const madeAtStart = ['/dev', '/proc', '/sys'];
const writtenAtStart = new Map([
  ['/etc/hosts', 'use extra_hosts'],
  ['/etc/hostname', 'use hostname'],
  ['/etc/resolv.conf', 'use dns, dns_search and dns_opt'],
]);

/** Absolute and clean; a relative target lies below `base`. @throws InvalidValue */
export function toTarget(target: string, base: string): string {
  const path = normalizePath(target.startsWith('/') ? target : `${base}/${target}`);
  if (path === '/') throw new InvalidValue("the container's root directory cannot be replaced");
  const hint = writtenAtStart.get(path);
  if (hint !== undefined) throw new InvalidValue(`the engine writes ${path} anew at every start`, hint);
  const above = madeAtStart.find((each) => isAtOrBelow(path, each));
  if (above === undefined) return path;
  throw new InvalidValue(`${path} cannot be delivered: the engine makes ${above} anew at every start`);
}

/** A file with where it was asked for. */
export type PlacedFile = {
  readonly file: DeliveredFile;
  /** `config "a"`, `volumes[2]` */
  readonly from: string;
  readonly place: Place;
};

/** Each place in a container is taken once. What is wrong is told where the later one was asked for. */
export function checkTargets(files: readonly PlacedFile[], service: ComposeService): void {
  const holders = new Map(listMounts(service).map(({ target, from }) => [target, from]));
  for (const { file, from, place } of files) {
    const holder = holders.get(file.target);
    if (holder === undefined) holders.set(file.target, from);
    else place.error(`${file.target} is taken by ${holder} already`, 'choose another target for one of them');
  }
  checkFilesBelowFiles(files);
}

function checkFilesBelowFiles(files: readonly PlacedFile[]): void {
  const byTarget = new Map(files.map((each) => [each.file.target, each]));
  for (const { file, place } of files) {
    const above = listParents(file.target).find((parent) => byTarget.has(parent));
    if (above === undefined) continue;
    const holder = byTarget.get(above)?.from ?? '';
    place.error(`${file.target} lies below ${above}, which is a file (${holder})`);
  }
}

/** What the service mounts itself, without what is delivered in place of a mount. */
export function listMounts(
  service: ComposeService,
): readonly { readonly target: string; readonly from: string }[] {
  const volumes = (service.volumes ?? []).flatMap((mount, index) =>
    mount.target === undefined || isFromRepo(mount)
      ? []
      : [{ target: normalizePath(mount.target), from: `volumes[${index}]` }],
  );
  const tmpfs = (service.tmpfs ?? []).map((entry, index) => ({
    target: normalizePath(entry.split(':', 1)[0] ?? ''),
    from: `tmpfs[${index}]`,
  }));
  return [...volumes, ...tmpfs];
}

/** A bind of something in the state repo. An absolute source is a path of the host, Windows ones included. */
export function isFromRepo({ type, source }: NonNullable<ComposeService['volumes']>[number]): boolean {
  return type === 'bind' && source !== undefined && isRepoPath(source);
}

export function isRepoPath(path: string): boolean {
  return !isAbsolutePath(path) && !isWindowsAbsolutePath(path);
}

export function isAtOrBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`);
}

function listParents(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}
