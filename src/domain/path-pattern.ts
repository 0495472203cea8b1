// A pattern for paths as a machine that reads a path once. A regular expression tries all ways to divide it among
// the stars: five of them took minutes for one name, and both pattern and name are given by a writer of the repo.

export type PatternToken =
  | { readonly kind: 'one'; readonly accepts: (character: string) => boolean }
  /** `*`: any number of characters of one name. */
  | { readonly kind: 'name' }
  /** `**`: any number of characters. */
  | { readonly kind: 'anything' }
  /** `**` and a slash: any number of directories, or none. */
  | { readonly kind: 'directories' };

/** Where the machine may be: before the token of that number, or within it. */
type States = { readonly before: Uint8Array; readonly within: Uint8Array };

/** Whether the tokens stand for the path or for a directory above it. */
export function matchesAtOrAbove(tokens: readonly PatternToken[], path: string): boolean {
  let states = createStates(tokens);
  let next = createStates(tokens);
  enter(states, 0, tokens);
  for (const character of path) {
    if (character === '/' && states.before[tokens.length] === 1) return true;
    next.before.fill(0);
    next.within.fill(0);
    if (!advance(states, next, character, tokens)) return false;
    [states, next] = [next, states];
  }
  return states.before[tokens.length] === 1;
}

function createStates({ length }: readonly PatternToken[]): States {
  return { before: new Uint8Array(length + 1), within: new Uint8Array(length + 1) };
}

/** All but single characters may stand for nothing. */
function enter({ before }: States, at: number, tokens: readonly PatternToken[]): void {
  for (let state = at; before[state] !== 1; state += 1) {
    before[state] = 1;
    const kind = tokens[state]?.kind ?? 'one';
    if (kind === 'one') return;
  }
}

/** False when there is no way on. */
function advance(from: States, to: States, character: string, tokens: readonly PatternToken[]): boolean {
  let isAlive = false;
  for (const [at, token] of tokens.entries()) {
    const isWithin = from.within[at] === 1;
    if (from.before[at] !== 1 && !isWithin) continue;
    if (token.kind === 'one') {
      if (!token.accepts(character)) continue;
      enter(to, at + 1, tokens);
    } else if (token.kind === 'directories') {
      to.within[at] = 1;
      if (character === '/') enter(to, at + 1, tokens);
    } else {
      if (token.kind === 'name' && character === '/') continue;
      enter(to, at, tokens);
    }
    isAlive = true;
  }
  return isAlive;
}
