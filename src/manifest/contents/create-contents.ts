import type { FileTree } from '#domain/file-tree.ts';
import type { DeliverContents } from '../compose/stack/deliver-contents.ts';
import type { SecretHasher } from '../hash-secret.ts';
import { attempt } from './attempt.ts';
import { createContextHasher } from './build-context.ts';
import { type ContentLimits, createServiceBudget, createStackBudget } from './content-limits.ts';
import { decodeText } from './decode-text.ts';
import { deliverFiles } from './deliver-files.ts';
import { createRepoContents } from './repo-contents.ts';
import { toBuildSpec } from './to-build-spec.ts';

export type ContentsInput = {
  readonly tree: FileTree;
  /** The app's, in the tree. */
  readonly directory: string;
  /** The stack's name: with it, secrets of two stacks do not show that they are equal. */
  readonly stack: string;
  readonly limits: ContentLimits;
  readonly hashSecret: SecretHasher;
};

/** What the services of one stack take from the app's directory. */
export function createContents({
  tree,
  directory,
  stack,
  limits,
  hashSecret,
}: ContentsInput): DeliverContents {
  const contents = createRepoContents(tree, directory, limits);
  const stackBudget = createStackBudget(limits);
  const createBudget = () => createServiceBudget(limits, stackBudget);
  const hashContext = createContextHasher(tree, limits);
  const hash = (name: string, content: Uint8Array) => hashSecret({ stack, name }, content);
  return {
    files: (_name, service, read, place) =>
      deliverFiles(service, { contents, budget: createBudget(), hashSecret: hash, ...read }, place),
    build: (_name, service, place) =>
      toBuildSpec(service, { tree, contents, budget: createBudget(), hashContext }, place),
    readText: (path, place) =>
      attempt(place, async () => {
        const { bytes } = await contents.readFile(path, createBudget());
        return decodeText(bytes, `"${path}"`);
      }),
  };
}
