import type { Access, NpmAnswer, NpmCore } from '../npm-core.ts';
import { DeniedError, NpmError, notFound, toErrorBody } from '../npm-error.ts';
import type { BodyCheck } from './check-body.ts';
import type { Route } from './route.ts';
import { isKnownPath, matchRoute } from './routes.ts';
import { expiredToken, readToken } from './token-signer.ts';
import { completeFirstUser } from './users.ts';
import { toVersionAnswer } from './version-answer.ts';

/** A request as it came, its body read. */
export type IncomingCall = {
  readonly method: string;
  /** Without `/api`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  /** JSON; undefined when there was none, or of another content type. @throws NpmError when it cannot be read */
  readonly readBody: () => unknown;
  readonly files: ReadonlyMap<string, string> | undefined;
  /** As if its token had expired. */
  readonly isExpired: boolean;
};

/** Everything behind NPM's own nginx: never throws for what NPM answers. */
export async function handleRequest(
  core: NpmCore,
  bodyCheck: BodyCheck,
  incoming: IncomingCall,
): Promise<NpmAnswer> {
  const withDebug = incoming.path.includes('nginx/certificates');
  try {
    const answer = await route(core, bodyCheck, incoming);
    return { ...answer, body: toVersionAnswer(core.version, incoming.path, answer.body) };
  } catch (error) {
    const failure = toNpmError(core, incoming, error);
    return { status: failure.status, body: toErrorBody(failure, withDebug) };
  }
}

async function route(core: NpmCore, bodyCheck: BodyCheck, incoming: IncomingCall): Promise<NpmAnswer> {
  const { method, path } = incoming;
  const body = incoming.readBody();
  if (method === 'OPTIONS' && isKnownPath(path)) return { status: 204, body: undefined };
  const matched = matchRoute({ version: core.version, method, path });
  if (matched === undefined) throw notFound(path);
  const access = readAccess(core, matched.route, incoming);
  if (matched.route.name === 'POST /users') completeFirstUser(core, body);
  return matched.route.handle({
    core,
    method,
    path,
    query: incoming.query,
    params: matched.params,
    body: bodyCheck.check(matched.route.name, body),
    files: incoming.files,
    access,
  });
}

/** Only `Bearer`, in this spelling, is seen at all. */
function readAccess(core: NpmCore, matched: Route, incoming: IncomingCall): Access {
  const [scheme, text] = (incoming.authorization ?? '').split(' ');
  if (matched.isOpen === true || scheme !== 'Bearer' || !text) return { token: undefined };
  const token = readToken(core, text);
  if (incoming.isExpired) throw expiredToken(core, Math.floor(core.state.now() / 1000) - 1);
  return { token };
}

function toNpmError(core: NpmCore, incoming: IncomingCall, error: unknown): NpmError {
  if (error instanceof NpmError) return error;
  if (error instanceof DeniedError) return deniedError(core, incoming);
  throw error;
}

/** From 2.13.0 to 2.15.1 a slip made NPM throw nothing at all, which its router takes for "no such path". */
function deniedError(core: NpmCore, incoming: IncomingCall): NpmError {
  const { version } = core;
  const hasSlip = version.isSince('2.13.0') && !version.isSince('2.15.2');
  if (!hasSlip) return new NpmError(403, 'Permission Denied');
  if (incoming.method === 'POST' && incoming.path === '/nginx/proxy-hosts') {
    return new NpmError(500, 'Internal Error', { isPublic: false });
  }
  return notFound(incoming.path);
}
