import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GitError } from '#ports/git-source.ts';

export type GitAuth = { readonly username: string; readonly password: string } | { readonly token: string };

export type GitAddress =
  | { readonly kind: 'remote'; readonly url: URL; readonly authorization: string | undefined }
  | { readonly kind: 'local'; readonly directory: string };

/**
 * Where a repository is. Userinfo of an http URL becomes the credentials, unless `auth` gives others;
 * the URL itself never keeps any. @throws GitError GIT_INVALID_SETTING
 */
export function parseGitAddress(text: string, auth: GitAuth | undefined): GitAddress {
  if (text === '') throw invalid('The repository URL is empty');
  if (hasTrap(text)) {
    throw invalid(
      `The repository URL ${quote(toDisplayUrl(text))} is refused: it begins with "-", or has ".." or a control character in it`,
    );
  }
  if (/^https?:\/\//i.test(text)) return toRemote(text, auth);
  if (/^file:\/\//i.test(text)) return { kind: 'local', directory: toLocalPath(text) };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[^/]+:/.test(text)) {
    throw invalid(
      `${quote(toDisplayUrl(text))} is not a supported repository URL: use https:// (or http://, or a local path); ssh is not supported`,
    );
  }
  return { kind: 'local', directory: resolve(text) };
}

/** The URL as it may be shown: no user, no password, no query (some services take tokens there). */
export function toDisplayUrl(text: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#\\@]*@?[^@]*$/i.test(text) && URL.canParse(text)) {
    const url = new URL(text);
    if (url.host !== '') return `${url.protocol}//${url.host}${url.pathname}`;
  }
  // A password that was not encoded may hold a slash and pass for a host and path: nothing before the last
  // "@" is shown.
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? '';
  const rest = text.slice(Math.max(scheme.length, text.lastIndexOf('@') + 1));
  return printable(scheme + rest.replace(/[?#].*$/s, ''));
}

/** No line breaks, escape sequences or endless text from outside in a message. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, 200);
}

export function quote(text: string): string {
  return `"${printable(text)}"`;
}

export function invalid(message: string): GitError {
  return new GitError('GIT_INVALID_SETTING', message, { reaction: 'stall' });
}

function hasTrap(text: string): boolean {
  return text.startsWith('-') || /\p{Cc}/u.test(text) || text.split(/[/\\]/).includes('..');
}

function toLocalPath(text: string): string {
  try {
    return fileURLToPath(text);
  } catch {
    throw invalid(`${quote(toDisplayUrl(text))} is not a file URL of this machine`);
  }
}

function toRemote(text: string, auth: GitAuth | undefined): GitAddress {
  if (!URL.canParse(text)) throw invalid(`${quote(toDisplayUrl(text))} is not a valid URL`);
  const url = new URL(text);
  const authorization = toAuthorization(auth ?? userinfoOf(url));
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  url.pathname = url.pathname.replace(/\/+$/, '');
  return { kind: 'remote', url, authorization };
}

function userinfoOf(url: URL): GitAuth | undefined {
  if (url.username === '' && url.password === '') return undefined;
  try {
    return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  } catch {
    throw invalid(
      `The user or password in the URL of ${toDisplayUrl(url.href)} is not percent-encoded right`,
    );
  }
}

/**
 * Basic for tokens too: GitHub, GitLab, Gitea and Forgejo all take a token as the password of any user name over
 * Git's HTTP protocol (`x-access-token` is the name GitHub documents), while a Bearer header is refused by some.
 * A service that insists on a name (GitLab deploy tokens, Bitbucket) is served by username and password.
 */
function toAuthorization(auth: GitAuth | undefined): string | undefined {
  if (auth === undefined) return undefined;
  const [username, password] =
    'token' in auth ? ['x-access-token', auth.token] : [auth.username, auth.password];
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}
