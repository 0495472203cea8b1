// Two generations, field by field. Of what people write freely only the place is told, on both sides: it may
// hold a secret that nobody has named as such.
import type { RecordedGeneration } from './history.ts';

export type FieldChange = { readonly path: string; readonly from: string; readonly to: string };

export type ServiceDiff = {
  readonly service: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'same';
  /** `0123456789ab (nginx:1.27)`; absent where the service was not there. */
  readonly from?: string;
  readonly to?: string;
  readonly changes: readonly FieldChange[];
};

const hidden = '***';
const none = '(none)';
const hiddenFields = ['environment', 'labels', 'annotations', 'command', 'entrypoint', 'sysctls'];
const hiddenPaths = /^(healthcheck\.test|logging\.options)\b/;

/** One entry for every service that is on either side, in name order. */
export function compareGenerations(
  from: readonly RecordedGeneration[],
  to: readonly RecordedGeneration[],
): readonly ServiceDiff[] {
  const names = [...new Set([...from, ...to].map(({ service }) => service))].toSorted();
  return names.map((service) => {
    const old = from.find((each) => each.service === service);
    const now = to.find((each) => each.service === service);
    const changes = old === undefined || now === undefined ? [] : compareFields(old, now);
    return {
      service,
      kind: toKind(old, now, changes),
      ...(old === undefined ? {} : { from: describeVersion(old) }),
      ...(now === undefined ? {} : { to: describeVersion(now) }),
      changes,
    };
  });
}

function toKind(
  old: RecordedGeneration | undefined,
  now: RecordedGeneration | undefined,
  changes: readonly FieldChange[],
): ServiceDiff['kind'] {
  if (old === undefined) return 'added';
  if (now === undefined) return 'removed';
  return changes.length === 0 ? 'same' : 'changed';
}

function describeVersion({ generation, image }: RecordedGeneration): string {
  return `${generation} (${image})`;
}

function compareFields(old: RecordedGeneration, now: RecordedGeneration): readonly FieldChange[] {
  const [before, after] = [toFields(old), toFields(now)];
  const paths = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return paths.flatMap((path): readonly FieldChange[] => {
    const [from, to] = [before.get(path), after.get(path)];
    if (from === to) return [];
    if (!isHidden(path)) return [{ path, from: from ?? none, to: to ?? none }];
    const isBoth = from !== undefined && to !== undefined;
    return [{ path, from: mask(from), to: isBoth ? `another: ${hidden}` : mask(to) }];
  });
}

function mask(text: string | undefined): string {
  return text === undefined ? none : hidden;
}

function isHidden(path: string): boolean {
  const [field = ''] = path.split(/[.[]/);
  return hiddenFields.includes(field) || hiddenPaths.test(path) || path.endsWith('.secret');
}

/** Every leaf by its path. Files are known by their place in the container and by their hash. */
function toFields({ spec: { spec }, imageId }: RecordedGeneration): ReadonlyMap<string, string> {
  const { files = [], ...rest } = spec;
  const fields = new Map([['image.id', imageId]]);
  addLeaves(rest, '', fields);
  for (const { target, contentHash, contentBase64: _content, secret, ...about } of files) {
    const path = `files.${target}`;
    fields.set(`${path}.${secret ? 'secret' : 'content'}`, contentHash);
    addLeaves(about, path, fields);
  }
  return fields;
}

function addLeaves(value: unknown, path: string, fields: Map<string, string>): void {
  if (value === undefined) return;
  if (typeof value !== 'object' || value === null) {
    fields.set(path, typeof value === 'string' ? value : JSON.stringify(value));
    return;
  }
  for (const [key, part] of Object.entries(value)) {
    addLeaves(part, Array.isArray(value) ? `${path}[${key}]` : joinPath(path, key), fields);
  }
}

function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
