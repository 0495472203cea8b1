// Two lists of engine requests in one form, by the rules of test/compose-cases/README.md.
import type { RecordedRequest } from './compose-config.ts';

type Json = Readonly<Record<string, unknown>>;

/** Fields where nothing and empty differ; everywhere else a zero value is the same as none. */
const meaningfulWhenEmpty = new Set(['Cmd', 'Entrypoint', 'Init', 'StopTimeout', 'Healthcheck']);

/** Sent in a random order, which says nothing. */
const unordered = new Set(['Env', 'Binds', 'Mounts', 'ExtraHosts', 'Ulimits']);

/** Hashes and versions of the tool; ours beside them. */
const ownLabel = /^(shorefast\.|com\.docker\.compose\.(version|config-hash|image$))/;

/** Every value of every request, by what is created and where it stands: `container a-1 HostConfig.Init`. */
export function toFacts(requests: readonly RecordedRequest[]): ReadonlyMap<string, string> {
  const facts = new Map<string, string>();
  for (const request of requests) {
    const name = nameOf(request);
    if (facts.has(name)) facts.set(`${name} asked for twice`, 'true');
    facts.set(name, JSON.stringify(request.query));
    collect(request.body, name, facts);
  }
  return facts;
}

export function nameOf({ path, query, body }: RecordedRequest): string {
  if (path === '/containers/create') return `container ${query['name']}`;
  if (path === '/networks/create') return `network ${String(body['Name'])}`;
  if (path === '/volumes/create') return `volume ${String(body['Name'])}`;
  return `connect ${path} ${String(body['Container'])}`;
}

function collect(value: unknown, path: string, facts: Map<string, string>): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, each] of Object.entries(value as Json)) collectField(key, each, path, facts);
    return;
  }
  facts.set(path, JSON.stringify(value));
}

function collectField(key: string, value: unknown, path: string, facts: Map<string, string>): void {
  if (ownLabel.test(key) || value === null) return;
  const at = `${path} ${key}`;
  if (meaningfulWhenEmpty.has(key)) facts.set(at, 'there');
  if (key === 'ExposedPorts') {
    for (const port of Object.keys(value as Json)) facts.set(`${at} ${port}`, 'there');
  } else if (Array.isArray(value)) {
    const items: readonly unknown[] = value.map(withoutZeros);
    const ordered = unordered.has(key) ? items.toSorted(byJson) : items;
    if (ordered.length > 0) facts.set(at, JSON.stringify(ordered));
  } else if (key === 'com.docker.compose.depends_on') {
    const parts = typeof value === 'string' ? value.split(',') : [];
    if (value !== '') facts.set(at, parts.toSorted().join(','));
  } else if (isZero(value) && meaningfulWhenEmpty.has(key)) {
    facts.set(at, JSON.stringify(value));
  } else if (!isZero(value)) {
    collect(value, at, facts);
  }
}

function withoutZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZeros);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Json)
    .map(([key, each]) => [key, withoutZeros(each)] as const)
    .filter(([, each]) => !isZero(each))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

function isZero(value: unknown): boolean {
  if (value === null || value === '' || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function byJson(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
