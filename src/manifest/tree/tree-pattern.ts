/** Rules by path, such as `services.*.ports.*`: `*` is any key or index. */
export type PatternTree<T> = {
  readonly rule?: T;
  readonly members?: ReadonlyMap<string, PatternTree<T>>;
  readonly any?: PatternTree<T>;
};

type Mutable<T> = { rule?: T; members?: Map<string, Mutable<T>>; any?: Mutable<T> };

export function compilePatterns<T>(rules: Readonly<Record<string, T>>): PatternTree<T> {
  const root: Mutable<T> = {};
  for (const [pattern, rule] of Object.entries(rules)) {
    let node = root;
    for (const part of pattern.split('.')) node = stepInto(node, part);
    node.rule = rule;
  }
  return root;
}

function stepInto<T>(node: Mutable<T>, part: string): Mutable<T> {
  if (part === '*') {
    node.any ??= {};
    return node.any;
  }
  node.members ??= new Map();
  const known = node.members.get(part) ?? {};
  node.members.set(part, known);
  return known;
}

/** The rules below a key; undefined when there are none. A named key wins over `*`. */
export function descend<T>(
  patterns: PatternTree<T> | undefined,
  key: string | number,
): PatternTree<T> | undefined {
  return patterns?.members?.get(String(key)) ?? patterns?.any;
}
