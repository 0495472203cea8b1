export type YamlLimits = {
  /** Uses of one anchor times the aliases inside it. */
  readonly maxAliases: number;
  readonly maxDepth: number;
  /** Values of a document after its aliases are spread out. */
  readonly maxNodes: number;
};
