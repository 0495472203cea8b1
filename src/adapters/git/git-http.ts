import { type Dispatcher, request } from 'undici';
import { GitError } from '#ports/git-source.ts';
import { printable } from './git-address.ts';
import { toGitError } from './git-failure.ts';

export type GitRequest = { readonly method: 'GET' | 'POST'; readonly url: string };

/** One repository over HTTP, for the time of one fetch. */
export type GitRemote = {
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
  readonly onRequest: ((request: GitRequest) => void) | undefined;
};

export type GitAnswer = {
  /** After redirects. */
  readonly url: URL;
  /** Throws GitErrors only. */
  readonly body: AsyncIterable<Buffer>;
};

const maxRedirects = 3;

/**
 * Sends one request and follows redirects that stay with the server the credentials are meant for.
 * Every answer but a 200 of the expected type is an error. @throws GitError
 */
export async function sendGitRequest(
  remote: GitRemote,
  target: { url: URL; expectedType: string; post?: { body: Buffer; contentType: string } },
): Promise<GitAnswer> {
  let url = target.url;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const response = await sendOnce(remote, url, target);
    if (response.statusCode === 200) return toAnswer(remote, url, response, target.expectedType);

    // The body is of no use. Destroying it lets go of the socket, however much of it would have come.
    response.body.on('error', () => {}).destroy();
    const location = response.headers['location'];
    if (response.statusCode < 300 || response.statusCode > 399 || typeof location !== 'string') {
      throw toStatusError(response.statusCode, url, remote.authorization !== undefined);
    }
    url = resolveRedirect(url, location);
  }
  throw new GitError('GIT_UNREACHABLE', `${show(target.url)} redirects more than ${maxRedirects} times`);
}

async function sendOnce(
  remote: GitRemote,
  url: URL,
  target: { post?: { body: Buffer; contentType: string }; expectedType: string },
): Promise<Dispatcher.ResponseData> {
  const method = target.post === undefined ? 'GET' : 'POST';
  remote.onRequest?.({ method, url: show(url) });
  try {
    return await request(url, {
      method,
      headers: {
        accept: `${target.expectedType}, */*`,
        // Some services answer only clients whose name begins with "git/".
        'user-agent': 'git/2 (shorefast)',
        ...(remote.authorization === undefined ? {} : { authorization: remote.authorization }),
        ...(target.post === undefined ? {} : { 'content-type': target.post.contentType }),
      },
      body: target.post?.body ?? null,
      signal: remote.signal,
      dispatcher: remote.dispatcher,
    });
  } catch (error) {
    throw toGitError(error, show(url), remote.signal);
  }
}

function toAnswer(
  remote: GitRemote,
  url: URL,
  response: Dispatcher.ResponseData,
  expectedType: string,
): GitAnswer {
  const contentType = String(response.headers['content-type'] ?? 'no content type');
  if (contentType.split(';')[0]?.trim() !== expectedType) {
    response.body.on('error', () => {}).destroy();
    throw new GitError(
      'GIT_UNREACHABLE',
      `${show(url)} answered with ${printable(contentType)} instead of Git data: is it the address of a repository, and no sign-in page or proxy in between?`,
    );
  }
  return { url, body: readBody(response.body, show(url), remote.signal) };
}

/** What breaks on the way is named here, so that whoever reads the body can tell it from a failure of its own. */
async function* readBody(
  body: AsyncIterable<Buffer>,
  where: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) yield chunk;
  } catch (error) {
    throw toGitError(error, where, signal);
  }
}

/** Credentials go to the configured server alone; the one step allowed is from http to https on its usual ports. */
function resolveRedirect(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) {
    throw new GitError('GIT_UNREACHABLE', `${show(from)} redirects to an address that is not valid`);
  }
  const to = new URL(location, from);
  const isUpgrade =
    from.protocol === 'http:' &&
    to.protocol === 'https:' &&
    to.hostname === from.hostname &&
    from.port === '' &&
    to.port === '';
  if (to.origin !== from.origin && !isUpgrade) {
    throw new GitError(
      'GIT_UNREACHABLE',
      `${show(from)} redirects to another server (${printable(to.origin)}), which is not followed: set the repository URL to where it moved`,
    );
  }
  to.username = '';
  to.password = '';
  return to;
}

function toStatusError(status: number, url: URL, hasCredentials: boolean): GitError {
  const where = show(url);
  if (status === 401 || status === 403) {
    return new GitError(
      'GIT_AUTH_FAILED',
      hasCredentials
        ? `${where} refused the credentials (HTTP ${status}): wrong or expired, or without access to this repository`
        : `${where} asks for credentials (HTTP ${status}) and none are set; some servers answer so for a repository that does not exist`,
    );
  }
  if (status === 404 || status === 410) {
    return new GitError(
      'GIT_NOT_FOUND',
      `${where} was not found (HTTP ${status}); some servers answer so for a private repository without the right credentials`,
    );
  }
  return new GitError('GIT_UNREACHABLE', `${where} answered with HTTP ${status}`);
}

function show(url: URL): string {
  return `${url.origin}${url.pathname}`.replace(/\/(info\/refs|git-upload-pack)$/, '');
}
