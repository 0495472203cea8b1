import { NpmError } from './npm-error.ts';

export type IncomingRequest = {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly contentType: string;
  readonly authorization: string | undefined;
  readonly readContent: () => Promise<Buffer>;
};

export type IncomingBody = {
  /** The JSON of the body; undefined when there is none. @throws NpmError as NPM answers */
  readonly readJson: () => unknown;
  /** The file parts of a multipart body. */
  readonly files: ReadonlyMap<string, string> | undefined;
};

const jsonLimit = 100 * 1024;

export async function readIncomingBody({
  contentType: type,
  readContent,
}: Pick<IncomingRequest, 'contentType' | 'readContent'>): Promise<IncomingBody> {
  const content = await readContent();
  if (type.startsWith('multipart/form-data')) {
    return { readJson: () => undefined, files: await readFiles(content, type) };
  }
  const isJson = type.startsWith('application/json') && content.length > 0;
  return { readJson: () => (isJson ? parseJson(content) : undefined), files: undefined };
}

/** The body parser takes objects and arrays only. */
function parseJson(content: Buffer): unknown {
  if (content.length > jsonLimit) {
    throw new NpmError(413, 'request entity too large', { isPublic: false });
  }
  try {
    const value: unknown = JSON.parse(content.toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Answered below, like a body that is no object.
  }
  throw new NpmError(400, 'Unexpected token', { isPublic: false });
}

async function readFiles(content: Buffer, type: string): Promise<ReadonlyMap<string, string>> {
  const form = await new Response(new Uint8Array(content), { headers: { 'content-type': type } }).formData();
  const files = new Map<string, string>();
  for (const [name, value] of form) {
    if (typeof value !== 'string') files.set(name, await value.text());
  }
  return files;
}
