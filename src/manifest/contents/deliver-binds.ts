// Binds with a relative source: a state repo is no directory of the host, so what is only read is delivered.
import type { ComposeMount, ComposeService } from '../compose/project/compose-project.ts';
import { InvalidValue, type Place } from '../place.ts';
import { attempt } from './attempt.ts';
import type { Budget } from './content-limits.ts';
import { isAtOrBelow, isFromRepo, listMounts, type PlacedFile, toTarget } from './deliver-targets.ts';
import type { RepoContents } from './repo-contents.ts';
import { type HashSecret, toDeliveredFile } from './to-delivered-file.ts';

export type BindContext = {
  readonly contents: RepoContents;
  readonly budget: Budget;
  readonly hashSecret: HashSecret;
};

export async function deliverBinds(
  service: ComposeService,
  context: BindContext,
  place: Place,
): Promise<readonly PlacedFile[]> {
  const mounted = [
    ...listMounts(service).map(({ target }) => target),
    ...(service.volumes ?? []).filter(isFromRepo).map(({ target = '' }) => target),
  ];
  const delivered: PlacedFile[] = [];
  for (const [index, mount] of (service.volumes ?? []).entries()) {
    if (!isFromRepo(mount)) continue;
    const at = place.at('volumes', index);
    const from = `volumes[${index}]`;
    const files = (await attempt(at, () => deliverBind(mount, mounted, context, at))) ?? [];
    delivered.push(...files.map((file) => ({ file, from, place: at })));
  }
  return delivered;
}

async function deliverBind(
  mount: ComposeMount,
  mounted: readonly string[],
  { contents, budget, hashSecret }: BindContext,
  place: Place,
) {
  const { source = '' } = mount;
  checkBind(mount);
  const target = toTarget(mount.target ?? '', '');
  // As with a mount below a mount: what lies under the inner one is not to be seen.
  const covering = mounted.filter((each) => each !== target && isAtOrBelow(each, target));
  const isWanted = (inside: string) => !covering.includes(`${target}/${inside}`);
  const { kind, files } = await contents.readAll(source, budget, isWanted);
  if (files.length === 0) {
    throw new InvalidValue(`there are no files in "${source}"`, 'commit what is to be read there');
  }
  if (kind === 'directory') warnOfMerging(source, target, place);
  return Promise.all(
    files.map(({ inside, executable, bytes }) =>
      toDeliveredFile(bytes, hashSecret, {
        target: inside === '' ? target : toTarget(`${target}/${inside}`, ''),
        mode: executable ? 0o755 : 0o644,
      }),
    ),
  );
}

function checkBind({ source = '', read_only: isReadOnly }: ComposeMount): void {
  if (source.startsWith('~')) {
    throw new InvalidValue(
      `"${source}" starts at a home directory, which the daemon does not have`,
      'use a named volume, or an absolute path of the host',
    );
  }
  if (isReadOnly === true) return;
  throw new InvalidValue(
    `"${source}" is in the state repo, which is no directory of the host: what a container writes there has no place to go`,
    'use a named volume, an absolute path of the host, or mount it read-only (:ro)',
  );
}

function warnOfMerging(source: string, target: string, place: Place): void {
  place.warn(
    `the files of "${source}" are put into ${target} beside what the image has there; a bind mount would hide that`,
    'remove in the image what is not wanted there',
  );
}
