// Access lists and certificates have no free fields in the proxy: their name carries whose they are and what was
// written, so that neither needs a store of ours: `family [shorefast 1a2b3c4d 5e6f7a8b]`.
import { toSetToken } from '../set-token.ts';

export type SharedName = { readonly name: string; readonly ownerToken: string; readonly generation: string };

export function toSharedName(name: string, owner: string, generation: string): string {
  return `${name} [shorefast ${toSetToken([owner])} ${generation}]`;
}

/** Of what is being written over by the same: whoever finds it knows that it is not done. */
export function toUnsettledName(name: string): string {
  return name.replace(/ [0-9a-f]{8}\]$/, ' 00000000]');
}

/** Undefined: it was not named by any Shorefast. */
function parseSharedName(text: string): SharedName | undefined {
  const parts = /^(.*) \[shorefast ([0-9a-f]{8}) ([0-9a-f]{8})\]$/s.exec(text);
  if (parts === null) return undefined;
  const [, name = '', ownerToken = '', generation = ''] = parts;
  return { name, ownerToken, generation };
}

/** The name that people gave, if it is one of this owner's. */
export function findOwnName(text: string, owner: string): SharedName | undefined {
  const parsed = parseSharedName(text);
  return parsed?.ownerToken === toSetToken([owner]) ? parsed : undefined;
}
