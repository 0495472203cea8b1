import type { FileTree } from '#domain/file-tree.ts';
import type { DeliverContents } from '../compose/stack/deliver-contents.ts';
import type { SecretHasher } from '../hash-secret.ts';
import { attempt } from './attempt.ts';
import { type ContentLimits, createServiceBudget } from './content-limits.ts';
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
  const hash = (name: string, content: Uint8Array) => hashSecret({ stack, name }, content);
  return {
    files(_name, service, read, place) {
      const budget = createServiceBudget(limits);
      return deliverFiles(service, { contents, budget, hashSecret: hash, ...read }, place);
    },
    build: (_name, service, place) => toBuildSpec(service, { tree, contents, limits }, place),
    readText: (path, place) =>
      attempt(place, async () => {
        const { bytes } = await contents.readFile(path, createServiceBudget(limits));
        return decodeText(bytes, `"${path}"`);
      }),
  };
}
