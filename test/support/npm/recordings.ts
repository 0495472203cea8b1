import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One request that was made of a real NPM 2.15.1, and its answer. */
export type Exchange = {
  readonly step: string;
  readonly method: string;
  readonly path: string;
  /** `Bearer <token>`: which token, the step tells. */
  readonly authorization?: string;
  /** Where it is neither JSON nor multipart. */
  readonly contentType?: string;
  /** Given: it went to nginx's port for traffic, not to the API. */
  readonly host?: string;
  readonly body?: unknown;
  readonly rawBody?: string;
  /** What the file parts were, in words. */
  readonly multipart?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly answer?: unknown;
  readonly text?: string;
};

export type Scenario = {
  readonly scenario: string;
  readonly title: string;
  readonly npmVersion: string;
  readonly notes: readonly string[];
  readonly exchanges: readonly Exchange[];
};

/** In the order in which they were recorded, all with one instance: each begins where the one before ended. */
export function readRecordings(): Scenario[] {
  const directory = join(import.meta.dirname, 'recordings');
  return readdirSync(directory)
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')) as Scenario);
}
