// What the service `web` of an app takes from the state repo, from its Compose file as the reader hands it on.
import type { BuildSpec } from '#domain/build-spec.ts';
import type { DeliveredFile } from '#domain/delivered-file.ts';
import { formatProblem, type Problem } from '#domain/problem.ts';
import type { ComposeProject } from '#manifest/compose/project/compose-project.ts';
import type { DeliverContents } from '#manifest/compose/stack/deliver-contents.ts';
import { type ContentLimits, defaultContentLimits } from '#manifest/contents/content-limits.ts';
import { createContents } from '#manifest/contents/create-contents.ts';
import { createSecretHasher } from '#manifest/hash-secret.ts';
import { defaultManifestLimits } from '#manifest/manifest-limits.ts';
import { createPlace, type Place } from '#manifest/place.ts';
import { parseYamlDocuments } from '#manifest/yaml/parse-yaml.ts';
import { type MemoryNode, memoryTree } from './memory-tree.ts';

export type AppCase = {
  /** Long forms, paths relative to the app's directory. */
  readonly compose: string;
  /** Relative to `apps/shop`. */
  readonly files?: Readonly<Record<string, MemoryNode>>;
  readonly values?: Readonly<Record<string, string>>;
  readonly limits?: Partial<ContentLimits>;
  readonly stack?: string;
};

export type Taken<T> = {
  readonly result: T;
  /** One line each, with file, line and column. */
  readonly problems: readonly string[];
  readonly hasErrors: boolean;
};

export async function takeFiles(given: AppCase): Promise<Taken<readonly DeliveredFile[]>> {
  const { contents, project, place, finish } = open(given);
  const values = new Map(Object.entries(given.values ?? {}));
  const web = project.services['web'];
  if (web === undefined) throw new Error('the case has no service web');
  return finish(await contents.files('web', web, { project, values }, place));
}

export async function takeBuild(given: AppCase): Promise<Taken<BuildSpec | undefined>> {
  const { contents, project, place, finish } = open(given);
  const web = project.services['web'];
  if (web === undefined) throw new Error('the case has no service web');
  return finish(await contents.build('web', web, place));
}

export async function takeText(
  path: string,
  files: AppCase['files'] = {},
): Promise<Taken<string | undefined>> {
  const { contents, place, finish } = open({ compose: 'services: { web: { label_file: [x] } }', files });
  return finish(await contents.readText(path, place.at('label_file', 0)));
}

type Opened = {
  readonly contents: DeliverContents;
  readonly project: ComposeProject;
  readonly place: Place;
  finish<T>(result: T): Taken<T>;
};

function open({ compose, files = {}, limits = {}, stack = 'shop' }: AppCase): Opened {
  const file = 'apps/shop/compose.yaml';
  const parsed = parseYamlDocuments(file, compose, defaultManifestLimits, 1);
  const document = parsed.kind === 'parsed' ? parsed.documents[0] : undefined;
  if (document === undefined) throw new Error(`the case is not YAML: ${JSON.stringify(parsed)}`);
  const problems: Problem[] = [];
  const inApp = Object.entries(files).map(([path, node]) => [`apps/shop/${path}`, node] as const);
  const contents = createContents({
    tree: memoryTree({
      ...Object.fromEntries(inApp),
      [file]: compose,
      'apps/other/secret': 'of another app',
    }),
    directory: 'apps/shop',
    stack,
    limits: { ...defaultContentLimits, ...limits },
    hashSecret: createSecretHasher('owner'),
  });
  return {
    contents,
    project: document.value as ComposeProject,
    place: createPlace(document, ['services', 'web'], problems),
    finish: (result) => ({
      result,
      problems: problems.map((problem) => formatProblem(problem)),
      hasErrors: problems.some(({ severity }) => severity === 'error'),
    }),
  };
}

/** A Compose file with these lines in its service `web`. */
export const web = (...lines: readonly string[]) =>
  `services:\n  web:\n${lines.map((line) => `    ${line}\n`).join('')}`;
/** One bind mount, read-only unless something else is said. */
export const bind = (source: string, target: string, more = ', read_only: true') =>
  web('volumes:', `  - { type: bind, source: "${source}", target: "${target}"${more} }`);
/** One config or secret `a`: how it is mounted, and how it is declared. */
export const config = (mount: string, declared: string) =>
  `${web('configs:', `  - { source: a, ${mount} }`)}configs:\n  a: { ${declared} }\n`;
export const secret = (mount: string, declared: string) =>
  `${web('secrets:', `  - { source: a, ${mount} }`)}secrets:\n  a: { ${declared} }\n`;
