// Configs and secrets: from a file of the app, from text in the Compose file, or from a variable.
import type { DeliveredFile } from '#domain/delivered-file.ts';
import type {
  ComposeFileMount,
  ComposeFileObject,
  ComposeProject,
  ComposeService,
} from '../compose/project/compose-project.ts';
import { InvalidValue, type Place } from '../place.ts';
import { attempt } from './attempt.ts';
import type { Budget } from './content-limits.ts';
import { isRepoPath, type PlacedFile, toTarget } from './deliver-targets.ts';
import { parseId, parseMode } from './file-owner.ts';
import type { RepoContents } from './repo-contents.ts';
import { type HashSecret, toDeliveredFile } from './to-delivered-file.ts';

export type FileMountContext = {
  readonly contents: RepoContents;
  readonly budget: Budget;
  readonly hashSecret: HashSecret;
  readonly project: ComposeProject;
  /** Contents that come from variables, by `configs.<key>` and `secrets.<key>`. */
  readonly values: ReadonlyMap<string, string>;
};

type Kind = {
  readonly section: 'configs' | 'secrets';
  readonly word: 'config' | 'secret';
  /** What a target without a leading slash is relative to. */
  readonly base: string;
};

const kinds: readonly Kind[] = [
  { section: 'configs', word: 'config', base: '' },
  { section: 'secrets', word: 'secret', base: '/run/secrets' },
];

export async function deliverFileMounts(
  service: ComposeService,
  context: FileMountContext,
  place: Place,
): Promise<readonly PlacedFile[]> {
  const delivered: PlacedFile[] = [];
  for (const kind of kinds) {
    for (const [index, mount] of (service[kind.section] ?? []).entries()) {
      const at = place.at(kind.section, index);
      const file = await attempt(at, () => deliverFileMount(mount, kind, context));
      if (file !== undefined) delivered.push({ file, from: `${kind.section}[${index}]`, place: at });
    }
  }
  return delivered;
}

async function deliverFileMount(
  mount: ComposeFileMount,
  kind: Kind,
  context: FileMountContext,
): Promise<DeliveredFile | undefined> {
  const { source = '', uid, gid, mode } = mount;
  const declared = findDeclared(source, kind, context.project);
  checkDeclared(source, declared, kind);
  // A file of the host: that is a mount like any other.
  if (declared.file !== undefined && !isRepoPath(declared.file)) return undefined;
  const target = toTarget(mount.target || source, kind.base);
  const { bytes, executable } = await readContent(source, declared, kind, context);
  return toDeliveredFile(bytes, context.hashSecret, {
    target,
    // Compose mounts the file itself, so that a script can be run from where it is mounted.
    mode: mode === undefined ? (executable ? 0o555 : 0o444) : parseMode(mode),
    ...(uid !== undefined && { uid: parseId('uid', uid) }),
    ...(gid !== undefined && { gid: parseId('gid', gid) }),
    ...(kind.word === 'secret' && { secretName: source }),
  });
}

function findDeclared(source: string, { section, word }: Kind, project: ComposeProject): ComposeFileObject {
  const declared = project[section] ?? {};
  const found = Object.hasOwn(declared, source) ? declared[source] : undefined;
  if (found !== undefined) return found;
  throw new InvalidValue(`there is no ${word} "${source}"`, `declare it under ${section} at the top`);
}

function checkDeclared(key: string, declared: ComposeFileObject, { section, word }: Kind): void {
  if (declared.external === true) {
    throw new InvalidValue(
      `unsupported external ${word} ${declared.name ?? key}: only a Swarm keeps ${section}`,
      'take it from a file, or by environment from a variable',
    );
  }
  for (const attribute of ['driver', 'template_driver'] as const) {
    if (declared[attribute] === undefined) continue;
    throw new InvalidValue(`${section}.${key}.${attribute} is for a Swarm and not supported`);
  }
}

async function readContent(
  key: string,
  { file, content, environment }: ComposeFileObject,
  { section, word }: Kind,
  { contents, budget, values }: FileMountContext,
): Promise<{ readonly bytes: Uint8Array; readonly executable: boolean }> {
  if (file !== undefined) return contents.readFile(file, budget);
  const text = environment === undefined ? content : values.get(`${section}.${key}`);
  if (text === undefined && environment !== undefined) {
    throw new InvalidValue(
      `environment variable "${environment}" required by ${word} "${key}" is not set`,
      'set it among the variables of the fleet, the app or the stage, or in .env',
    );
  }
  if (text === undefined) {
    throw new InvalidValue(`${word} "${key}" has no content`, 'give it file, content or environment');
  }
  const bytes = new TextEncoder().encode(text);
  budget.takeEntry();
  budget.takeBytes(bytes.byteLength);
  return { bytes, executable: false };
}
