import { internalError } from '../npm-error.ts';

/** What `?expand=owner,access_list.[clients,items]` asks for. */
export type Expansion = { readonly [relation: string]: Expansion };

/**
 * Undefined without a parameter.
 * @throws 500 for a relation that is not in `allowed` (written like `access_list.clients`)
 */
export function readExpand(query: URLSearchParams, allowed: readonly string[]): Expansion | undefined {
  const text = query.get('expand');
  if (text === null) return undefined;
  const expansion = parseExpansion(text);
  const unknown = pathsOf(expansion).find((path) => !allowed.includes(path));
  if (unknown !== undefined) throw internalError(`unallowed expression ${unknown}`);
  return expansion;
}

/** `a,b.[c,d]` */
export function parseExpansion(text: string): Expansion {
  let position = 0;

  function parseList(): Expansion {
    const list: Record<string, Expansion> = {};
    while (position < text.length && text[position] !== ']') {
      const name = /[^,.[\]\s]*/y;
      name.lastIndex = position;
      const relation = name.exec(text)?.[0] ?? '';
      position += relation.length;
      const below = text[position] === '.' ? parseBelow() : {};
      if (relation !== '') list[relation] = below;
      else if (text[position] !== ']') position += 1;
      if (text[position] === ',') position += 1;
    }
    return list;
  }

  function parseBelow(): Expansion {
    position += 1;
    if (text[position] !== '[') return parseName();
    position += 1;
    const list = parseList();
    position += 1;
    return list;
  }

  function parseName(): Expansion {
    const name = /^[^,.[\]\s]*/.exec(text.slice(position))?.[0] ?? '';
    position += name.length;
    return { [name]: text[position] === '.' ? parseBelow() : {} };
  }

  return parseList();
}

function pathsOf(expansion: Expansion, above = ''): string[] {
  return Object.entries(expansion).flatMap(([name, below]) => [
    `${above}${name}`,
    ...pathsOf(below, `${above}${name}.`),
  ]);
}
