import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Settings } from './settings/settings.ts';

/**
 * Whose the containers are. Derived from the state repo and not from chance, so that a lost data directory
 * changes nothing, and from nothing weaker, so that two instances on one host never prune each other's.
 * After a move of the repo, `owner` has to be set to the old id: the conflicts then reported name it.
 */
export function toOwnerId(settings: Settings): string {
  if (settings.owner !== undefined) return settings.owner;
  const { url, path } = settings.repo;
  if (url === undefined) return 'unconfigured';
  return createHash('sha256')
    .update(`${normaliseUrl(url)}#${path ?? ''}`)
    .digest('hex')
    .slice(0, 12);
}

/** The same repository by another spelling or with other credentials is the same. */
function normaliseUrl(url: string): string {
  if (!URL.canParse(url)) return resolve(url);
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`.replace(/\/+$/, '').replace(/\.git$/, '');
}
