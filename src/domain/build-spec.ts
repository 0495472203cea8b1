// How an image is made from a directory of the state repo.

export type BuildSpec = {
  /** The directory in the state repo that is the build context; '' is the root. */
  readonly context: string;
  /** Git's id of that directory: the same tree is never built twice. */
  readonly treeOid: string;
  /** What stands for the context in the image's name where .dockerignore leaves something out; absent: `treeOid`. */
  readonly contextHash?: string;
  /** Path relative to the context. Without effect where `dockerfileInline` is there. */
  readonly dockerfile: string;
  readonly dockerfileInline?: string;
  readonly args: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Further tags for the image, beside the service's own. */
  readonly tags: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly noCache: boolean;
  /** Always look for newer base images. */
  readonly pull: boolean;
  readonly network?: string;
  /** `name:address`, as the engine takes them. */
  readonly extraHosts?: readonly string[];
  readonly shmSizeBytes?: number;
  readonly platform?: string;
};
