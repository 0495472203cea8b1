import { normalizePath } from '../../text/posix-path.ts';
import { createMap, type TreeMap } from '../../tree/tree.ts';

export type ShortVolume =
  | { readonly kind: 'volume'; readonly volume: ParsedVolume }
  | { readonly kind: 'invalid'; readonly message: string };

type ParsedVolume = {
  type: 'bind' | 'volume';
  source: string;
  target: string;
  readOnly: boolean;
  bind?: { selinux?: string; propagation?: string; createHostPath?: boolean };
  volume?: { noCopy: boolean };
  /** Options that Compose passes over in silence. */
  unknown: string[];
};

const propagations = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];
const ignored = ['', 'cached', 'delegated', 'consistent'];

/** `[source:]target[:options]`, by Compose's own reading: `x:/path` is a Windows drive. */
export function parseShortVolume(spec: string): ShortVolume {
  if (spec === '') return { kind: 'invalid', message: 'invalid empty volume spec' };
  const volume: ParsedVolume = { type: 'volume', source: '', target: '', readOnly: false, unknown: [] };
  if (spec.length <= 2) return { kind: 'volume', volume: { ...volume, target: spec } };
  const sections = splitSections(spec);
  for (const [index, section] of sections.entries()) {
    const fault = takeSection(volume, section, index === sections.length - 1);
    if (fault !== undefined) return { kind: 'invalid', message: `invalid spec: ${spec}: ${fault}` };
  }
  setType(volume);
  return { kind: 'volume', volume };
}

/** At colons, but not at that of a drive (`c:\x`) nor inside `${…}`. */
function splitSections(spec: string): readonly string[] {
  const sections: string[] = [];
  let section = '';
  let depth = 0;
  for (let index = 0; index < spec.length; index += 1) {
    const char = spec.charAt(index);
    if (char === '$' && spec.charAt(index + 1) === '{') depth += 1;
    else if (char === '}' && depth > 0) depth -= 1;
    else if (char === ':' && depth === 0 && !/^\p{L}$/u.test(section)) {
      sections.push(section);
      section = '';
      continue;
    }
    section += char;
  }
  return [...sections, section];
}

function takeSection(volume: ParsedVolume, section: string, isLast: boolean): string | undefined {
  if (section === '') return 'empty section between colons';
  if (volume.source === '') {
    if (isLast) volume.target = section;
    else volume.source = section;
  } else if (volume.target === '') {
    volume.target = section;
  } else if (isLast) {
    for (const option of section.split(',')) takeOption(volume, option);
  } else {
    return 'too many colons';
  }
  return undefined;
}

function takeOption(volume: ParsedVolume, option: string): void {
  if (option === 'ro' || option === 'rw') volume.readOnly = option === 'ro';
  else if (option === 'nocopy') volume.volume = { noCopy: true };
  else if (option === 'z' || option === 'Z') volume.bind = { ...volume.bind, selinux: option };
  else if (propagations.includes(option)) volume.bind = { ...volume.bind, propagation: option };
  else if (!ignored.includes(option)) volume.unknown.push(option);
}

function setType(volume: ParsedVolume): void {
  if (isFilePath(volume.source)) {
    volume.type = 'bind';
    volume.bind = { ...volume.bind, createHostPath: true };
  } else {
    volume.volume ??= { noCopy: false };
  }
}

function isFilePath(source: string): boolean {
  return /^[./~]/.test(source) || source.startsWith('\\\\') || /^\p{L}:/u.test(source);
}

/** The long form. */
export function toLongVolume({ type, source, target, readOnly, bind, volume }: ParsedVolume): TreeMap {
  const long = createMap([['type', type]]);
  if (source !== '') long['source'] = source;
  if (target !== '') long['target'] = normalizePath(target);
  if (readOnly) long['read_only'] = true;
  if (bind !== undefined) {
    long['bind'] = createMap();
    if (bind.selinux !== undefined) long['bind']['selinux'] = bind.selinux;
    if (bind.propagation !== undefined) long['bind']['propagation'] = bind.propagation;
    if (bind.createHostPath === true) long['bind']['create_host_path'] = true;
  }
  if (volume !== undefined) {
    long['volume'] = createMap(volume.noCopy ? [['nocopy', true]] : []);
  }
  return long;
}
