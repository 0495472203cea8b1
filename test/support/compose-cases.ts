// The recorded Compose projects as state repos: see test/compose-cases/README.md.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../compose-cases');

export type RecordedRequest<Body = Readonly<Record<string, unknown>>> = {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Body;
};

export type CaseSource = {
  readonly project: string;
  readonly env: Readonly<Record<string, string>>;
  readonly profiles: readonly string[];
  readonly outcome: string;
  /** What was there before, of somebody else's. */
  readonly existing: { readonly networks: readonly string[]; readonly volumes: readonly string[] };
};

/** How the case was recorded. */
export function readSource(name: string): CaseSource {
  return readJson<CaseSource>(name, 'source.json');
}

/** The API of the oldest engine that we work with, and of a newest one. */
export const recordedVersions = ['1.41', '1.51'] as const;
export type RecordedVersion = (typeof recordedVersions)[number];

/** `h-` for what Compose accepts, `bad-` for what it refuses. */
function listComposeCases(prefix: 'h-' | 'bad-'): readonly string[] {
  return readdirSync(root).filter((name) => name.startsWith(prefix));
}

/** Those that Compose carries out on such an engine; some it refuses for an old one. */
export function listRecordedCases(apiVersion: RecordedVersion): readonly string[] {
  return listComposeCases('h-').filter((name) => existsSync(join(root, name, `engine-${apiVersion}.json`)));
}

/** What Compose sent to an engine of that API. */
export function readRecordedRequests<Body>(
  name: string,
  apiVersion: RecordedVersion,
): readonly RecordedRequest<Body>[] {
  return readJson(name, `engine-${apiVersion}.json`);
}

function readJson<T>(name: string, file: string): T {
  return JSON.parse(readFileSync(join(root, name, file), 'utf8')) as T;
}
