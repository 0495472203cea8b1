import { createHash, scrypt } from 'node:crypto';

/** What stands for a secret's content in a spec hash: `scrypt:<64 hex>`. The same for the same place and content. */
export type SecretHasher = (place: SecretPlace, content: Uint8Array) => Promise<string>;

export type SecretPlace = { readonly stack: string; readonly name: string };

// 16 MiB and about 40 ms for each guess: labels are shown by many tools, and a short secret must not follow from one.
const cost = { N: 2 ** 14, r: 8, p: 1 };
const hashBytes = 32;
const maxCached = 10_000;

/**
 * Slow, and salted by place instead of by chance: a random key would have to be kept somewhere, and with it
 * lost, every container with a secret would be made anew.
 */
export function createSecretHasher(owner: string): SecretHasher {
  const known = new Map<string, Promise<string>>();
  return ({ stack, name }, content) => {
    const salt = JSON.stringify(['shorefast secret', owner, stack, name]);
    const key = createHash('sha256').update(salt).update(content).digest('base64');
    const hash = known.get(key) ?? hashSlowly(content, salt);
    if (known.size >= maxCached) known.clear();
    known.set(key, hash);
    return hash;
  };
}

function hashSlowly(content: Uint8Array, salt: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  scrypt(content, salt, hashBytes, cost, (error, hash) => {
    if (error !== null) reject(error);
    else resolve(`scrypt:${hash.toString('hex')}`);
  });
  return promise;
}
