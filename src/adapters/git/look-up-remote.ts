import { getRemoteInfo2 } from 'isomorphic-git';
import { GitError } from '#ports/git-source.ts';
import { toCorruptError } from './git-failure.ts';
import { type GitAnswer, type GitRemote, sendGitRequest } from './git-http.ts';
import type { ParsedRef } from './git-ref.ts';
import { describeMissingRef } from './missing-ref.ts';

export type RemoteHead = {
  /** Where the repository answers, after redirects. */
  readonly baseUrl: URL;
  /** What to ask for: of an annotated tag, the tag object. */
  readonly wantOid: string;
  readonly commit: string;
  readonly capabilities: ReadonlySet<string>;
};

type AdvertisedRef = { readonly ref: string; readonly oid: string; readonly peeled?: string | undefined };

// 100,000 refs take about 6 MB.
const maxAdvertisementBytes = 16 * 1024 * 1024;

/**
 * Asks where the ref stands, in one request: protocol 0/1 lists the refs at once, while version 2 would need
 * a second one. @throws GitError
 */
export async function lookUpRemote(remote: GitRemote, ref: ParsedRef, where: string): Promise<RemoteHead> {
  const url = new URL(`${remote.url.href}/info/refs?service=git-upload-pack`);
  const answer = await sendGitRequest(remote, {
    url,
    expectedType: 'application/x-git-upload-pack-advertisement',
  });
  const body = await collectAdvertisement(answer, where);
  const { refs, capabilities } = await parseAdvertisement(body, remote.url.href, where);
  if (capabilities['object-format'] !== undefined && capabilities['object-format'] !== 'sha1') {
    throw new GitError(
      'GIT_CORRUPT',
      `${where} is a SHA-256 repository; only SHA-1 repositories can be read`,
    );
  }
  const head = ref.kind === 'commit' ? ref.oid : undefined;
  const found = ref.kind === 'named' ? refs.find((each) => each.ref === ref.fullName) : undefined;
  const wantOid = head ?? found?.oid;
  if (wantOid === undefined) throw describeMissingRef(where, ref, refs);
  return {
    baseUrl: toBaseUrl(answer.url),
    wantOid,
    commit: found?.peeled ?? wantOid,
    capabilities: new Set(Object.keys(capabilities)),
  };
}

/**
 * Collected before it is parsed: the library takes a broken connection for the end of the list, and the
 * ref would seem to be gone.
 */
async function collectAdvertisement(answer: GitAnswer, where: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.byteLength;
    if (bytes > maxAdvertisementBytes) {
      throw new GitError('GIT_TOO_LARGE', `${where} lists more than ${maxAdvertisementBytes} bytes of refs`);
    }
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (!body.subarray(-4).equals(Buffer.from('0000'))) {
    throw new GitError('GIT_CORRUPT', `${where} answered with a list of refs that is cut off`);
  }
  return body;
}

async function parseAdvertisement(
  body: Buffer,
  url: string,
  where: string,
): Promise<{ refs: readonly AdvertisedRef[]; capabilities: Readonly<Record<string, string | true>> }> {
  const http = {
    request: async () => ({
      url,
      statusCode: 200,
      statusMessage: 'OK',
      headers: { 'content-type': 'application/x-git-upload-pack-advertisement' },
      body: (async function* () {
        yield body;
      })(),
    }),
  };
  try {
    const info = await getRemoteInfo2({ http, url, protocolVersion: 1 });
    return { refs: info.refs ?? [], capabilities: info.capabilities };
  } catch (error) {
    throw toCorruptError(error, `The list of refs of ${where}`);
  }
}

function toBaseUrl(answered: URL): URL {
  const base = new URL(answered);
  base.search = '';
  base.pathname = base.pathname.replace(/\/info\/refs$/, '');
  return base;
}
