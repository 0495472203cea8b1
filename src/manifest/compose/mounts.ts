import type { Mount } from '#domain/container-spec.ts';
import { InvalidValue } from '../place.ts';
import { parseMemorySize } from '../text/memory-size.ts';
import { parseBoolean, parseInteger } from '../text/parse-typed.ts';
import type { RawMount } from './compose-document.ts';

/** As declared: a volume still has its Compose key, not the engine's name. */
export type DeclaredMount = Mount;

const propagations = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];

export function parseMount(entry: string | RawMount): DeclaredMount {
  return typeof entry === 'string' ? parseShortMount(entry) : parseLongMount(entry);
}

/** `[source:]target[:options]` */
function parseShortMount(text: string): DeclaredMount {
  const [first = '', second, optionText = '', ...rest] = text.split(':');
  if (rest.length > 0) throw new InvalidValue(`expected source:target[:options], found "${text}"`);
  if (second === undefined) return { kind: 'volume', target: toTarget(first), readOnly: false };
  if (/^[a-zA-Z]$/.test(first)) {
    throw new InvalidValue(
      `Compose reads "${first}:" as a Windows drive`,
      'give the volume a longer name, or use the long form',
    );
  }
  const options = optionText === '' ? [] : optionText.split(',');
  const target = toTarget(second);
  return isHostPath(first) ? shortBind(first, target, options) : shortVolume(first, target, options);
}

function shortBind(source: string, target: string, options: readonly string[]): DeclaredMount {
  const known = ['ro', 'rw', 'z', 'Z', 'cached', 'delegated', 'consistent', ...propagations];
  checkOptions(options, known);
  const propagation = options.find((option) => propagations.includes(option));
  const selinux = options.find((option) => option === 'z' || option === 'Z');
  return {
    kind: 'bind',
    source: toHostPath(source),
    target,
    readOnly: options.includes('ro'),
    createHostPath: true,
    ...(propagation !== undefined && { propagation }),
    ...(selinux !== undefined && { selinux }),
  };
}

function shortVolume(name: string, target: string, options: readonly string[]): DeclaredMount {
  checkOptions(options, ['ro', 'rw', 'nocopy', 'z', 'Z', 'cached', 'delegated', 'consistent']);
  const noCopy = options.includes('nocopy');
  return { kind: 'volume', name, target, readOnly: options.includes('ro'), ...(noCopy && { noCopy }) };
}

function checkOptions(options: readonly string[], known: readonly string[]): void {
  const unknown = options.find((option) => !known.includes(option));
  if (unknown !== undefined) {
    throw new InvalidValue(`unknown mount option "${unknown}"`, `known: ${known.join(', ')}`);
  }
}

function parseLongMount(raw: RawMount): DeclaredMount {
  const target = toTarget(raw.target);
  const readOnly = parseBoolean(raw.read_only ?? false);
  switch (raw.type) {
    case 'bind':
      return longBind(raw, target, readOnly);
    case 'volume': {
      const noCopy = parseBoolean(raw.volume?.nocopy ?? false);
      const name = raw.source === undefined ? {} : { name: raw.source };
      return { kind: 'volume', ...name, target, readOnly, ...(noCopy && { noCopy }) };
    }
    case 'tmpfs':
      if (readOnly) throw new InvalidValue('a tmpfs mount cannot be read-only');
      return {
        kind: 'tmpfs',
        target,
        ...(raw.tmpfs?.size !== undefined && { sizeBytes: parseMemorySize(raw.tmpfs.size) }),
        ...(raw.tmpfs?.mode !== undefined && { mode: parseMode(raw.tmpfs.mode) }),
      };
    default:
      throw new InvalidValue(`expected the mount type bind, volume or tmpfs, found "${raw.type}"`);
  }
}

function longBind(raw: RawMount, target: string, readOnly: boolean): DeclaredMount {
  if (raw.source === undefined) throw new InvalidValue('a bind mount needs a source');
  const { propagation, selinux } = raw.bind ?? {};
  if (propagation !== undefined && !propagations.includes(propagation)) {
    throw new InvalidValue(`expected the propagation ${propagations.join(', ')}, found "${propagation}"`);
  }
  if (selinux !== undefined && selinux !== 'z' && selinux !== 'Z') {
    throw new InvalidValue(`expected selinux z or Z, found "${selinux}"`);
  }
  return {
    kind: 'bind',
    source: toHostPath(raw.source),
    target,
    readOnly,
    createHostPath: parseBoolean(raw.bind?.create_host_path ?? true),
    ...(propagation !== undefined && { propagation }),
    ...(selinux !== undefined && { selinux }),
  };
}

/** `/tmp` or `/tmp:size=64m,mode=1777`. */
export function parseTmpfs(text: string): DeclaredMount {
  const [path = '', optionText = '', ...rest] = text.split(':');
  if (rest.length > 0) throw new InvalidValue(`expected path[:options], found "${text}"`);
  const mount: { kind: 'tmpfs'; target: string; sizeBytes?: number; mode?: number } = {
    kind: 'tmpfs',
    target: toTarget(path),
  };
  for (const option of optionText === '' ? [] : optionText.split(',')) {
    const [name, value = ''] = option.split('=');
    if (name === 'size') mount.sizeBytes = parseMemorySize(value);
    else if (name === 'mode') mount.mode = parseMode(value);
    // The engine mounts every tmpfs so.
    else if (!['rw', 'noexec', 'nosuid', 'nodev'].includes(option)) {
      throw new InvalidValue(`the tmpfs option "${option}" is not supported`, 'known: size, mode');
    }
  }
  return mount;
}

/** As text it is octal, as in a shell; as a number YAML has already read it. */
function parseMode(value: string | number): number {
  if (typeof value === 'number') return parseInteger(value, 0);
  if (!/^[0-7]+$/.test(value)) throw new InvalidValue(`expected an octal file mode, found "${value}"`);
  return Number.parseInt(value, 8);
}

function isHostPath(source: string): boolean {
  return /^[./~]/.test(source);
}

function toHostPath(source: string): string {
  if (source.startsWith('/')) return cleanPath(source);
  const hint = 'use a named volume, or an absolute path on the host';
  if (source.startsWith('~')) {
    throw new InvalidValue(`"${source}" starts at a home directory, which the daemon does not have`, hint);
  }
  throw new InvalidValue(
    `"${source}" is relative to the state repo, which is never checked out on the host`,
    hint,
  );
}

function toTarget(path: string): string {
  if (!path.startsWith('/')) {
    throw new InvalidValue(`expected an absolute path in the container, found "${path}"`);
  }
  return cleanPath(path);
}

/** Without `.`, `..`, doubled and trailing slashes. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
